"""What people fill in, one file a part of the work."""
