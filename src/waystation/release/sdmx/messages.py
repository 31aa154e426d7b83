"""Structure messages: SDMX-ML 2.1 and 3.0 and SDMX-JSON 1.0 and 2.0, names in all languages.

pysdmx writes them in one language; what it wrote is completed here with the others.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.model import DataConstraint, Organisation
from pysdmx.model.message import Header

from waystation.release.sdmx.codes import LANGUAGES
from waystation.release.sdmx.structures import AGENCY, SEPARATOR

_SCHEMA_1 = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/"
    "schemas/1.0/sdmx-json-structure-schema.json"
)


class StructureFormat(StrEnum):
    """How structures are written."""

    XML_2_1 = "structure+xml;version=2.1"
    XML_3_0 = "structure+xml;version=3.0.0"
    JSON_1_0 = "structure+json;version=1.0.0"
    JSON_2_0 = "structure+json;version=2.0.0"


_WRITERS = {
    StructureFormat.XML_2_1: Format.STRUCTURE_SDMX_ML_2_1,
    StructureFormat.XML_3_0: Format.STRUCTURE_SDMX_ML_3_0,
    StructureFormat.JSON_1_0: Format.STRUCTURE_SDMX_JSON_2_0_0,
    StructureFormat.JSON_2_0: Format.STRUCTURE_SDMX_JSON_2_0_0,
}
_NAMED = re.compile(rf'<(com:Name|com:Description) xml:lang="en">([^<]*{SEPARATOR}[^<]*)</\1>')
# Says of an attribute that it is of the one measure there is; sdmx1 cannot read it.
_MEASURE = re.compile(r"<str:MeasureRelationship>.*?</str:MeasureRelationship>", re.DOTALL)
_ROLE = re.compile(
    r'(<str:(?:ContentConstraint|DataConstraint)\b[^>]*\b(?:type|role)=)"Allowed"'
)


def structure_message(
    artefacts: Iterable[Any], format: StructureFormat, *, prepared: dt.datetime | None = None
) -> bytes:
    """Return a message with some structures.

    Args:
        artefacts: Artefacts of `waystation.release.sdmx.structures`.
        format: How it is written.
        prepared: When it was prepared; now where left out.
    """
    listed = list(artefacts)
    when = prepared or dt.datetime.now(dt.UTC)
    header = Header(
        id=f"{AGENCY}_{when:%Y%m%dT%H%M%S}", prepared=when, sender=Organisation(id=AGENCY)
    )
    text = write_sdmx(listed, _WRITERS[format], prettyprint=False, header=header) or ""
    if format in {StructureFormat.XML_2_1, StructureFormat.XML_3_0}:
        text = _MEASURE.sub("", _NAMED.sub(_in_languages, text))
        return _ROLE.sub(r'\1"Actual"', text).encode()
    message = _completed(json.loads(text))
    _complete_components(message["data"])
    for constraint in message["data"].get("dataConstraints", ()):
        constraint["role"] = "Actual"
    if format == StructureFormat.JSON_1_0:
        message = _as_version_1(message)
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def is_constraint(artefact: object) -> bool:
    """Say whether an artefact is a constraint."""
    return isinstance(artefact, DataConstraint)


def _in_languages(found: re.Match[str]) -> str:
    tag, names = found[1], found[2].split(SEPARATOR)
    return "".join(
        f'<{tag} xml:lang="{language}">{name}</{tag}>'
        for language, name in zip(LANGUAGES, names, strict=True)
    )


def _completed(value: Any) -> Any:
    """Return a message with names in all languages and without empty lists."""
    if isinstance(value, list):
        return [_completed(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _completed(item) for key, item in value.items() if item not in ([], None)}
    for one, many in (("name", "names"), ("description", "descriptions")):
        if SEPARATOR in str(kept.get(one, "")):
            texts = dict(zip(LANGUAGES, kept[one].split(SEPARATOR), strict=True))
            kept |= {one: texts["en"], many: texts}
    return kept


def _complete_components(data: dict[str, Any]) -> None:
    """Number the dimensions, as the schema allows and readers of version 1 expect."""
    for structure in data.get("dataStructures", ()):
        listed = structure.get("dataStructureComponents", {}).get("dimensionList", {})
        for place, dimension in enumerate(listed.get("dimensions", ())):
            dimension["position"] = place


def _as_version_1(message: dict[str, Any]) -> dict[str, Any]:
    data = message["data"]
    if "dataConstraints" in data:
        data["contentConstraints"] = data.pop("dataConstraints")
    for constraint in data.get("contentConstraints", ()):
        constraint["type"] = constraint.pop("role")
        for region in constraint.get("cubeRegions", ()):
            for key in region["keyValues"]:
                key["values"] = [value["value"] for value in key["values"]]
    for structure in data.get("dataStructures", ()):
        _components_of_version_1(structure["dataStructureComponents"])
    return {"meta": {**message["meta"], "schema": _SCHEMA_1}, "data": data}


def _components_of_version_1(components: dict[str, Any]) -> None:
    measure = components.pop("measureList")["measures"][0]
    components["measureList"] = {"primaryMeasure": measure}
    dimensions = components["dimensionList"]
    time = dimensions.pop("timeDimension")
    dimensions["timeDimensions"] = [time]
    attributes = components["attributeList"]["attributes"]
    for attribute in attributes:
        is_needed = attribute.pop("usage", "optional") == "mandatory"
        attribute["assignmentStatus"] = "Mandatory" if is_needed else "Conditional"
        attribute.pop("measureRelationship", None)
        of_observation = "observation" in attribute["attributeRelationship"]
        relation: dict[str, Any] = {"primaryMeasure": "OBS_VALUE"}
        attribute["attributeRelationship"] = relation if of_observation else {"none": {}}
    for component in (*dimensions["dimensions"], time, measure, *attributes):
        represented = component.get("localRepresentation", {})
        if "format" in represented:
            represented["textFormat"] = {"textType": represented.pop("format")["dataType"]}
