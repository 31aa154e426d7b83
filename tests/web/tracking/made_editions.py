"""Made editions: small builds put where publishing would put them, without the road there."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from waystation.tracking.build import Build
from waystation.tracking.build_folder import write_build_frames
from waystation.web.tracking import storage
from waystation.web.tracking.editions import BEFORE_READERS, edition_numbered
from waystation.web.tracking.models import Operation
from waystation.web.tracking.models.operations import Visibility


def publish_made(build, *, slug="made", is_prepared=True, **settings):
    """Return an operation whose published whole is a build."""
    operation, _ = Operation.objects.get_or_create(
        slug=slug,
        defaults={
            "name": f"Operation {slug}",
            "country": "XWS",
            "visibility": Visibility.PUBLIC,
            "disclosure_seed": "0",
            **settings,
        },
    )
    number = operation.edition + 1
    with storage.folder_made_whole(storage.edition_folder(operation, number)) as folder:
        write_build_frames(build, folder, summary={})
    if is_prepared:
        for prepare in BEFORE_READERS:
            prepare(edition_numbered(operation, number))
    operation.edition = number
    operation.save(update_fields=["edition"])
    return operation


def in_component(build: Build, component: str) -> Build:
    """Return a build as if another kind of assessment had made it."""
    named = {
        name: getattr(build, name).with_columns(component=pl.lit(component))
        for name in ("matrix", "totals", "changes")
    }
    return replace(build, **named)


def together(first: Build, second: Build) -> Build:
    """Return two builds of one operation as its published whole."""
    return replace(
        first,
        **{
            name: pl.concat([getattr(first, name), getattr(second, name)])
            for name in ("matrix", "totals", "changes", "findings")
        },
    )


def without_figures(build: Build, round_number: int) -> Build:
    """Return a build whose figures of a round were all left blank."""
    here = pl.col("round_number") == round_number
    blank = pl.when(~here).then(pl.col("value")).alias("value")
    totals = build.totals.with_columns(blank)
    return replace(build, matrix=build.matrix.with_columns(blank), totals=totals)
