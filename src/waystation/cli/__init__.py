"""The command line: each command calls one library function."""
