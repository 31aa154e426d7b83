"""Release: the one door out, from built tables to files for others."""
