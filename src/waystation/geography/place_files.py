"""Files of places: which of a folder are read, and what boundary files hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from waystation.errors import UnreadableFile

TABLE_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet"}
SPATIAL_SUFFIXES = {".geojson", ".json", ".shp", ".gpkg", ".fgb", ".gml", ".kml"}


def files_of_paths(paths: tuple[Path, ...], suffixes: set[str]) -> Iterator[tuple[Path, bool]]:
    """Return each file of files and folders, and whether it was named by the caller."""
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes)
            yield from ((file, False) for file in inside)
        else:
            yield path, True


def read_attributes(path: Path, *, geometry: bool = False) -> list[pl.DataFrame]:
    """Return the attributes of each layer of a boundary file, all text.

    Args:
        path: GeoJSON, shapefile, GeoPackage or another format of GDAL.
        geometry: Adds the shapes, as well-known binary in the column ``geometry``.

    Raises:
        UnreadableFile: If it cannot be read, or is not in longitude and latitude.
    """
    import pyogrio

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        return [_layer(path, layer, geometry=geometry) for layer in layers]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as error:
        raise UnreadableFile(
            file=path.name,
            reason="it is no boundary file that can be read",
            action="Save it as GeoJSON or GeoPackage",
        ) from error


def shapes_of_file(path: Path) -> int:
    """Return how many shapes a boundary file holds; 0 where the file is of another kind."""
    if path.suffix.lower() not in SPATIAL_SUFFIXES:
        return 0
    import pyogrio

    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    return sum(max(0, pyogrio.read_info(path, layer=layer)["features"]) for layer in layers)


def _layer(path: Path, layer: str, *, geometry: bool) -> pl.DataFrame:
    import pyogrio

    meta, table = pyogrio.read_arrow(path, layer=layer, read_geometry=geometry)
    crs = str(meta.get("crs") or "").upper()
    if geometry and crs and not crs.endswith((":4326", "CRS84")) and "WGS 84" not in crs[:40]:
        raise UnreadableFile(
            file=path.name,
            reason=f"its coordinates are in {meta['crs']}, not longitude and latitude",
            action="Save it in EPSG:4326",
        )
    named = meta.get("geometry_name") or "wkb_geometry"
    shape = next((c for c in (named, "wkb_geometry") if c in table.column_names), None)
    attributes = table.drop_columns([shape]) if shape else table
    # An Arrow table without columns has no rows for Polars either, but its shapes count.
    frame = (
        pl.DataFrame(pl.from_arrow(attributes)) if attributes.num_columns else pl.DataFrame()
    )
    frame = frame.with_columns(pl.all().cast(pl.String, strict=False))
    if geometry and shape:
        # Taken by itself, the column leaves behind the metadata that make it GeoArrow.
        shapes = pl.Series("geometry", pl.from_arrow(table.column(shape)), dtype=pl.Binary)
        return frame.with_columns(shapes) if frame.width else shapes.to_frame()
    return frame
