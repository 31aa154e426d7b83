"""Pages of tracking, one file a part of the work."""
