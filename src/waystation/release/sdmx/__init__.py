"""Figures of statistics as SDMX: structures, codes and messages that its clients read."""
