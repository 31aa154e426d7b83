"""One importer for each producer and layout: what they publish, as they publish it."""
