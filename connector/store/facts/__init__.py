"""What an MIS says of a school besides marks: kept in the store, merged with what was known, with its history."""
