"""Pages of what is published: an operation at a glance, and the data that they draw."""
