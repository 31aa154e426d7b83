"""Grids: the cells of csv, Excel, JSON and Parquet files as received, within stated limits.

Nothing is interpreted here: no header is looked for, no text becomes a number or a null, so
that ``NA`` stays Namibia. Only an empty cell is null.
"""

from __future__ import annotations

from waystation.grids.files import read_grids
from waystation.grids.grid import MAX_COLUMNS, Grid, require_numbers

__all__ = ["MAX_COLUMNS", "Grid", "read_grids", "require_numbers"]
