"""The migration data centre in the browser: catalogue, datasets, SDMX."""
