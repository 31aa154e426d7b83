"""Pages of the work list and of files that offices send in."""
