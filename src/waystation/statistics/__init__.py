"""The migration data centre: statistics of many producers, compiled, estimated and shared."""
