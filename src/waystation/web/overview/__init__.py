"""Where rooms meet on a page: the front page."""
