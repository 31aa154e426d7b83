"""Geography: places, their codes, names and boundaries."""
