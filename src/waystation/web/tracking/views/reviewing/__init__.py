"""Pages of review and publication, one page a file."""
