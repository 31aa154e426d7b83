"""What programs read, each interface in its own file."""
