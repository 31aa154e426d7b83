"""The report: what it says in four languages, and how it becomes a PDF and a page."""
