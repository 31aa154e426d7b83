"""The rows of published operations as the DTM API answers with them, kept ready."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from waystation.errors import InvalidChoice
from waystation.folders import write_file_whole
from waystation.release.api_rows import HAPI_COLUMNS, dtm_rows, hapi_rows
from waystation.release.json_rows import JsonRows, Part, joined, joined_gzip, json_rows
from waystation.release.snapshots import country_name
from waystation.web.tracking.editions import Edition, edition_of
from waystation.web.tracking.kept import Kept
from waystation.web.tracking.models import Operation

# Files that a former release of this software left beside an edition are not read.
FORMAT = 1
MOST_ROWS = 1_000_000
# Identifiers of rows are told apart by operation; no edition has as many rows of a level.
_IDS_OF_AN_OPERATION = 10_000_000
_ONLY_IN_V3 = (
    "displacementReason", "numberMales", "numberFemales", "idpOriginAdmin1Name",
    "idpOriginAdmin1Pcode",
)  # fmt: skip
_PLACES = ("admin1Name", "admin1Pcode", "admin2Name", "admin2Pcode")


class Generation(StrEnum):
    """Which fields a row has."""

    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows a request is for; text in small letters, empty for all.

    Attributes:
        operation: Name of the operation.
        country: Name of the country.
        admin0_code: Its code.
        places: Columns of areas and their values.
        from_date: First date, itself included.
        to_date: Last date, itself included.
        from_round: First round; 0 for no bound.
        to_round: Last round; 0 for no bound.
    """

    operation: str = ""
    country: str = ""
    admin0_code: str = ""
    places: tuple[tuple[str, str], ...] = ()
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    from_round: int = 0
    to_round: int = 0

    def names(self, operation: str, country: str, code: str) -> bool:
        """Say whether an operation is asked for."""
        return (
            (not self.operation or operation.lower() == self.operation)
            and (not self.country or country.lower() == self.country)
            and (not self.admin0_code or code.lower() == self.admin0_code)
        )

    def spans(self, date: str, round_number: int) -> bool:
        """Say whether a snapshot is asked for."""
        return (
            (self.from_date is None or date >= self.from_date.isoformat())
            # What is served ends with a time of day, which sorts after the day alone.
            and (self.to_date is None or date[:10] <= self.to_date.isoformat())
            and (not self.from_round or round_number >= self.from_round)
            and (not self.to_round or round_number <= self.to_round)
        )

    def condition(self) -> pl.Expr | None:
        """Return the condition on areas; None for all."""
        if not self.places:
            return None
        return pl.all_horizontal(pl.col(name) == value for name, value in self.places)


@dataclass(frozen=True, slots=True)
class Listing:
    """An operation as lists name it.

    Attributes:
        operation: Its name.
        admin0_name: Name of the country.
        admin0_code: Its code.
    """

    operation: str
    admin0_name: str
    admin0_code: str


_ROWS: Kept[JsonRows] = Kept(256 * 1024 * 1024, lambda rows: rows.size)
_NO_HAPI_ROWS = pl.DataFrame(
    schema=dict.fromkeys(HAPI_COLUMNS, pl.String)
    | {"admin_level": pl.Int64, "population": pl.Int64, "reporting_round": pl.Int64}
    | {"reference_period_start": pl.Date, "reference_period_end": pl.Date}
)
_MAKING = threading.Lock()
_LISTINGS: Kept[list[Listing]] = Kept(1024 * 1024, lambda _listings: 256)
_HAPI: Kept[pl.DataFrame] = Kept(64 * 1024 * 1024, lambda frame: int(frame.estimated_size()))
_ANSWERS: Kept[bytes] = Kept(64 * 1024 * 1024, len)


def published(operations: Iterable[Operation]) -> list[tuple[Operation, Edition]]:
    """Return operations with their published wholes; those that have none are left out."""
    return [(operation, edition_of(operation)) for operation in operations if operation.edition]


def listings_of(edition: Edition) -> list[Listing]:
    """Return under which names and countries an edition has rows; its own where it has none."""
    return _LISTINGS.get(edition.folder, lambda: _listings(edition))


def _listings(edition: Edition) -> list[Listing]:
    rows = _frame(edition, 0)
    named = rows.select("operation", "admin0Name", "admin0Pcode").unique().sort(pl.all()).rows()
    if not named:
        build = edition.build()
        named = [(build.operation, country_name(build.country, build.units), build.country)]
    return [Listing(*entry) for entry in named]


def etag_of(
    editions: Sequence[Edition], level: int, generation: Generation, wanted: Wanted
) -> str:
    """Return what names the answer to a request, before it is made."""
    parts = [FORMAT, level, generation.value, wanted, *(edition.etag for edition in editions)]
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:32]


def answer(
    editions: Sequence[Edition],
    level: int,
    generation: Generation,
    wanted: Wanted,
    *,
    is_packed: bool,
) -> bytes:
    """Return the body of the answer to a request, kept for the next that asks the same.

    Args:
        editions: Published wholes to look in, in the order of the answer.
        level: 0, 1 or 2.
        generation: Which fields rows have.
        wanted: Which rows.
        is_packed: Whether to return gzip.

    Raises:
        InvalidChoice: If there are more rows than one answer may hold.
    """
    folders = tuple(edition.folder for edition in editions)
    key = (folders, level, generation, wanted, is_packed)
    return _ANSWERS.get(
        key, lambda: _answer(editions, level, generation, wanted, is_packed=is_packed)
    )


def _answer(
    editions: Sequence[Edition],
    level: int,
    generation: Generation,
    wanted: Wanted,
    *,
    is_packed: bool,
) -> bytes:
    parts: list[Part] = []
    for edition in editions:
        if any(
            wanted.names(found.operation, found.admin0_name, found.admin0_code)
            for found in listings_of(edition)
        ):
            parts += rows_of(edition, level, generation).chosen(
                lambda key: wanted.names(*key[:3]) and wanted.spans(*key[3:]),  # type: ignore[arg-type]  # keys are made below
                wanted.condition(),
            )
    count = sum(part.rows for part in parts)
    if count > MOST_ROWS:
        raise InvalidChoice(value=count, option="number of rows", choices="one country a time")
    tail = (
        f'],"statusCode":200,"isSuccess":true,"errorMessages":[],"totalRecordsCount":{count}}}'
    )
    join = joined_gzip if is_packed else joined
    return join(b'{"result":[', parts, tail.encode())


def rows_of(edition: Edition, level: int, generation: Generation) -> JsonRows:
    """Return the rows of a level of an edition, ready to be chosen from."""
    key = (edition.folder, level, generation)
    return _ROWS.get(key, lambda: _rows(edition, level, generation))


def _rows(edition: Edition, level: int, generation: Generation) -> JsonRows:
    rows = _frame(edition, level)
    served = rows.drop(_ONLY_IN_V3) if generation is Generation.V2 else rows
    keys = rows.select("operation", "admin0Name", "admin0Pcode", "reportingDate", "roundNumber")
    places = rows.select(
        pl.col(name).str.to_lowercase() for name in _PLACES if name in rows.columns
    )
    return json_rows(served, keys=keys, places=places)


def hapi_frame(editions: Iterable[Edition]) -> pl.DataFrame:
    """Return the rows of editions in the layout of HDX HAPI."""
    frames = [_hapi_frame(edition) for edition in editions]
    return pl.concat(frames) if frames else _NO_HAPI_ROWS


def _hapi_frame(edition: Edition) -> pl.DataFrame:
    def read() -> pl.DataFrame:
        return _made(edition, "hapi", lambda: hapi_rows(edition.build()))

    return _HAPI.get(edition.folder, read)


def _frame(edition: Edition, level: int) -> pl.DataFrame:
    """Return the rows of a level; identifiers differ between operations."""

    def make() -> pl.DataFrame:
        rows = dtm_rows(edition.build(), level)
        first = edition.operation_id * _IDS_OF_AN_OPERATION
        return rows.with_columns(pl.col("id") + first) if "id" in rows.columns else rows

    return _made(edition, f"dtm-{level}", make)


def _made(edition: Edition, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Return a table that is made from an edition once and kept beside it."""
    path = edition.folder / "derived" / f"{name}-{FORMAT}.parquet"
    with _MAKING:
        if not path.exists():
            buffer = io.BytesIO()
            make().write_parquet(buffer)
            write_file_whole(path, buffer.getvalue())
    return pl.read_parquet(path)
