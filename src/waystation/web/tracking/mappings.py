"""The mapping of a file that was sent, and the rows that it makes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from waystation.errors import InvalidMapping, UnusableInput
from waystation.tracking.mapping import FileMapping
from waystation.tracking.mapping_files import mappings_from_text, mappings_to_json
from waystation.tracking.rounds import with_snapshots
from waystation.tracking.submissions import Component, Submissions
from waystation.web.tracking.models import Operation, Upload
from waystation.web.tracking.models.uploads import UploadState

ONCE_READ = (UploadState.READ, UploadState.REPLACED)


def mapping_of(upload: Upload) -> FileMapping:
    """Return what a file was proposed or confirmed to mean.

    Raises:
        InvalidMapping: If the text is none.
    """
    return mapping_of_text(upload.mapping)


def confirmed_alike(upload: Upload, fingerprint: str) -> Iterator[FileMapping]:
    """Yield what people confirmed for files of an operation with the same headings.

    Args:
        upload: The file that came in.
        fingerprint: Hash of its headings; empty for none.

    Returns:
        Mappings, the latest confirmed first; at most three.
    """
    if not fingerprint:
        return
    alike = upload.operation.uploads.filter(
        fingerprint=fingerprint, confirmed_at__isnull=False, state__in=ONCE_READ
    )
    for other in alike.exclude(pk=upload.pk).order_by("-confirmed_at")[:3]:
        yield mapping_of(other)


def text_of_mapping(mapping: FileMapping) -> str:
    """Return a mapping as it is kept: `mapping_of_text` gives it back."""
    return mappings_to_json([mapping])


def mapping_of_text(text: str) -> FileMapping:
    """Return the one mapping that a text holds, as it is kept or as a person wrote it.

    Raises:
        InvalidMapping: If the text is none.
    """
    mappings = mappings_from_text(text, "mapping.yaml")
    if len(mappings) != 1:
        raise InvalidMapping(
            file="mapping.yaml",
            reason=f"it holds the mappings of {len(mappings)} files",
            action="Keep the one of this file",
        )
    return mappings[0]


def settled_rows(received: pl.DataFrame, upload: Upload) -> pl.DataFrame:
    """Return the rows of a file with operation, component and round settled.

    What a person gave with the file fills only what the file does not say. Dates stay as
    received: which date holds for a round is settled over all its files.

    Raises:
        UnusableInput: If the file holds several operations and none of them is ours.
        UncertainMapping: If a round cannot be had from anywhere.
    """
    rows = Submissions.complete(_of_operation(received, upload.operation, upload.name))
    rows = rows.with_columns(
        country=pl.lit(upload.operation.country),
        operation=pl.lit(upload.operation.name),
        round_number=pl.col("round_number").fill_null(pl.lit(upload.round_number, pl.Int64)),
        reference_date=pl.col("reference_date").fill_null(
            pl.lit(upload.reference_date, pl.Date)
        ),
        component=pl.col("component").fill_null(pl.lit(upload.component or None, pl.String)),
    )
    if _says_all(rows):
        return rows
    settled, _ = with_snapshots(
        rows,
        country=upload.operation.country,
        operation=upload.operation.name,
        unknown_date=upload.sent_at.date(),
    )
    return rows.with_columns(settled["component"], settled["round_number"])


def _says_all(rows: pl.DataFrame) -> bool:
    """Say whether every row names its component, one there is, and its round."""
    components, numbers = rows["component"], rows["round_number"]
    is_whole = not components.null_count() and not numbers.null_count()
    return is_whole and set(components.unique()) <= set(Component)


def rows_by_round(settled: pl.DataFrame) -> dict[tuple[str, int], int]:
    """Return how many rows each (component, round number) has."""
    counts = settled.group_by("component", "round_number").len().sort("round_number")
    return {(component, number): count for component, number, count in counts.iter_rows()}


def _of_operation(received: pl.DataFrame, operation: Operation, name: str) -> pl.DataFrame:
    """Return the rows of one operation, where a file holds those of several."""
    named = received["operation"].drop_nulls().unique().to_list()
    if len(named) < 2:
        return received
    wanted = [n for n in named if n.casefold() == operation.name.casefold()]
    if not wanted:
        raise UnusableInput(
            file=name,
            reason=f"it holds {len(named)} operations, none of them called {operation.name}",
            action="Send the rows of one operation, or give this one the name in the file",
        )
    return received.filter(pl.col("operation") == wanted[0])
