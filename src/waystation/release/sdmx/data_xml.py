"""SDMX-ML data messages: generic 2.1, structure-specific 2.1 and 3.0.

pysdmx 1.20 writes these too, and is not used for them: it leaves quotation marks in attributes
unescaped, so that a producer's note may break the document, and takes 10 to 120 seconds for
200,000 observations.

Source:
    SDMX-ML 2.1 and 3.0 schemas: SDMXMessage, SDMXDataGeneric, SDMXDataStructureSpecific.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import polars as pl

from waystation.release.sdmx.data import DataMessage
from waystation.release.sdmx.figures import DIMENSIONS, MEASURE, plain_number
from waystation.release.sdmx.structures import AGENCY, VERSION

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of message.

    Attributes:
        root: Name of its outermost element.
        version: Of its namespaces.
        data: Prefix and end of the namespace that observations are in.
    """

    root: str
    version: str
    data: tuple[str, str]


_GENERIC = _Kind("GenericData", "v2_1", ("gen", "data/generic"))
_SPECIFIC = _Kind("StructureSpecificData", "v2_1", ("ss", "data/structurespecific"))
_SPECIFIC_3 = _Kind("StructureSpecificData", "v3_0", ("ss", "data/structurespecific"))


def generic(message: DataMessage) -> bytes:
    """Return figures as a generic data message 2.1."""
    start = f'<mes:DataSet structureRef="{message.flow.id}" action="Information">'
    return _whole(message, _GENERIC, start, _generic_body(message))


def structure_specific_2_1(message: DataMessage) -> bytes:
    """Return figures as a structure-specific data message 2.1."""
    return _specific(message, _SPECIFIC)


def structure_specific_3_0(message: DataMessage) -> bytes:
    """Return figures as a structure-specific data message 3.0."""
    return _specific(message, _SPECIFIC_3)


def _specific(message: DataMessage, kind: _Kind) -> bytes:
    scope = ' ss:dataScope="DataStructure"' if kind.version == "v2_1" else ""
    start = (
        f'<mes:DataSet ss:structureRef="{message.flow.id}" xsi:type="ns1:DataSetType"'
        f'{scope} action="Information">'
    )
    return _whole(message, kind, start, _specific_body(message))


def _whole(message: DataMessage, kind: _Kind, start: str, body: Iterable[str]) -> bytes:
    prefix, ending = kind.data
    space = f"{_BASE}/{kind.version}"
    own = f"{message.flow.urn}:ObsLevelDim:{message.at}"
    is_specific = kind.root.startswith("Structure")
    spaces = {
        "xsi": _XSI,
        "mes": f"{space}/message",
        prefix: f"{space}/{ending}",
        "com": f"{space}/common",
        **({"ns1": own} if is_specific else {}),
    }
    declared = " ".join(f'xmlns:{name}="{value}"' for name, value in spaces.items())
    usage = message.flow.urn
    if kind.version == "v2_1":
        usage = (
            f'<Ref agencyID="{AGENCY}" id="{message.flow.id}" version="{VERSION}" '
            'class="Dataflow"/>'
        )
    namespace = f' namespace="{own}"' if is_specific else ""
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f"<mes:{kind.root} {declared}><mes:Header>",
        f"<mes:ID>{message.identifier}</mes:ID><mes:Test>false</mes:Test>",
        f"<mes:Prepared>{message.prepared:%Y-%m-%dT%H:%M:%SZ}</mes:Prepared>",
        f'<mes:Sender id="{AGENCY}"/>',
        f'<mes:Structure structureID="{message.flow.id}"{namespace} '
        f'dimensionAtObservation="{message.at}">',
        f"<com:StructureUsage>{usage}</com:StructureUsage></mes:Structure></mes:Header>",
        start,
        *body,
        f"</mes:DataSet></mes:{kind.root}>",
    )
    return "".join(parts).encode()


def _generic_body(message: DataMessage) -> Iterable[str]:
    value = _optional(plain_number(), '<gen:ObsValue value="', '"/>')
    attributes: list[pl.Expr] = []
    if message.attributes:
        stated = [_generic_value(message, name) for name in message.attributes]
        attributes = [pl.lit("<gen:Attributes>"), *stated, pl.lit("</gen:Attributes>")]
    if message.is_flat:
        key = [_generic_value(message, name) for name in DIMENSIONS]
        head = [pl.lit("<gen:Obs><gen:ObsKey>"), *key, pl.lit("</gen:ObsKey>")]
    else:
        head = [pl.lit('<gen:Obs><gen:ObsDimension value="'), pl.col(message.at), pl.lit('"/>')]
    observation = pl.concat_str(*head, value, *attributes, pl.lit("</gen:Obs>"))
    series = [_generic_value(message, name) for name in message.series_dimensions]
    opening = pl.concat_str(
        pl.lit("<gen:Series><gen:SeriesKey>"), *series, pl.lit("</gen:SeriesKey>")
    )
    return _joined(message, observation, opening, "</gen:Series>")


def _generic_value(message: DataMessage, name: str) -> pl.Expr:
    return _optional(_text(message, name), f'<gen:Value id="{name}" value="', '"/>')


def _specific_body(message: DataMessage) -> Iterable[str]:
    inside = DIMENSIONS if message.is_flat else (message.at,)
    stated = [_attribute(_text(message, name), name) for name in inside]
    stated += [_attribute(plain_number(), MEASURE)]
    stated += [_attribute(_text(message, name), name) for name in message.attributes]
    observation = pl.concat_str(pl.lit("<Obs"), *stated, pl.lit("/>"))
    series = [_attribute(_text(message, name), name) for name in message.series_dimensions]
    opening = pl.concat_str(pl.lit("<Series"), *series, pl.lit(">"))
    return _joined(message, observation, opening, "</Series>")


def _joined(
    message: DataMessage, observation: pl.Expr, opening: pl.Expr, closing: str
) -> Iterable[str]:
    """Return the text of all observations, those of a series within its element."""
    rows = message.rows
    if message.is_flat:
        if not message.has_observations:
            return ()
        listed: list[str] = rows.select(observation.alias("obs"))["obs"].to_list()
        return listed
    inner = pl.col("obs").str.join("") if message.has_observations else pl.lit("").first()
    grouped = (
        rows.select(opening.alias("series"), observation.alias("obs"))
        .group_by("series", maintain_order=True)
        .agg(inner.alias("obs"))
    )
    whole = grouped.select(pl.concat_str("series", "obs", pl.lit(closing)).alias("all"))
    texts: list[str] = whole["all"].to_list()
    return texts


def _text(message: DataMessage, name: str) -> pl.Expr:
    """Return a column as text that may stand in an attribute of XML."""
    column = pl.col(name).cast(pl.String)
    if name not in {"PRODUCER_FLAGS", "DATASET"}:
        return column  # codes and periods hold nothing that needs care
    values = message.figures.rows[name].unique().drop_nulls().to_list()
    escaped = {
        value: quoteattr(value, {"'": "&apos;", '"': "&quot;"})[1:-1] for value in values
    }
    return column.replace_strict(escaped, default=None, return_dtype=pl.String)


def _attribute(value: pl.Expr, name: str) -> pl.Expr:
    return _optional(value, f' {name}="', '"')


def _optional(value: pl.Expr, before: str, after: str) -> pl.Expr:
    """Return a value between two texts, and nothing at all where it is null."""
    return pl.concat_str(pl.lit(before), value, pl.lit(after)).fill_null("")
