"""What programs read of statistics."""
