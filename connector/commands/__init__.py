"""The command line: one file per command, each as thin as it can be. Nothing imports from here."""
