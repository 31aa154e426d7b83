"""Looking closer at what is published: a place, a comparison, a table, a figure, a release."""
