"""The book of what people did, as they entered it here: with a command, or in a file that the office keeps."""
