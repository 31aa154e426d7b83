"""The structures of our figures: one data structure, a dataflow for each dataset, code lists.

Names stand in the four languages, joined by `SEPARATOR`, since the model has room for one;
`waystation.release.sdmx.messages` writes them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pysdmx.model import (
    Agency,
    AgencyScheme,
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    ConstraintAttachment,
    CubeKeyValue,
    CubeRegion,
    CubeValue,
    DataConstraint,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
    Schema,
)

from waystation.release.sdmx import codes
from waystation.release.sdmx.figures import (
    DIMENSIONS,
    MEASURE,
    SERIES_DIMENSIONS,
    TIME,
)
from waystation.sources import Source

AGENCY = "WAYSTATION"
VERSION = "1.0"
DATA_STRUCTURE = "MIGRATION"
CONCEPTS = "CONCEPTS"
SEPARATOR = "\ue000"
AREAS = "CL_AREA"
LISTS = {
    "FREQ": "CL_FREQ",
    "REF_AREA": AREAS,
    "COUNTERPART_AREA": AREAS,
    "SEX": "CL_SEX",
    "AGE": "CL_AGE",
    "INDICATOR": "CL_INDICATOR",
    "BREAKDOWN": "CL_BREAKDOWN",
    "UNIT_MEASURE": "CL_UNIT_MEASURE",
    "UNIT_MULT": "CL_UNIT_MULT",
    "OBS_STATUS": "CL_OBS_STATUS",
}
NAMES: dict[str, codes.Names] = {
    "FREQ": ("Frequency", "Fréquence", "Frecuencia", "التواتر"),
    "REF_AREA": (
        "Area that the figure is about", "Zone de référence", "Área de referencia",
        "المنطقة المرجعية",
    ),
    "COUNTERPART_AREA": (
        "Other area: of birth, citizenship, origin",
        "Zone de contrepartie : naissance, nationalité, origine",
        "Área de contrapartida: nacimiento, ciudadanía, origen",
        "المنطقة المقابلة: الميلاد أو الجنسية أو المنشأ",
    ),
    "SEX": ("Sex", "Sexe", "Sexo", "الجنس"),
    "AGE": ("Age group", "Groupe d’âge", "Grupo de edad", "الفئة العمرية"),
    "INDICATOR": ("Indicator", "Indicateur", "Indicador", "المؤشر"),
    "BREAKDOWN": ("Further breakdown", "Autre ventilation", "Otro desglose", "تصنيف إضافي"),
    "UNIT_MEASURE": ("Unit", "Unité", "Unidad", "الوحدة"),
    "TIME_PERIOD": ("Time period", "Période", "Período", "الفترة الزمنية"),
    "OBS_VALUE": ("Figure", "Valeur", "Valor", "القيمة"),
    "UNIT_MULT": (
        "Unit multiplier", "Multiplicateur de l’unité", "Multiplicador de la unidad",
        "مضاعف الوحدة",
    ),
    "OBS_STATUS": (
        "Status of the figure", "Statut de la valeur", "Estado del valor", "حالة القيمة",
    ),
    "PRODUCER_FLAGS": (
        "What the producer wrote beside it", "Notes du producteur", "Notas del productor",
        "علامات المنتج",
    ),
    "DATASET": ("Dataset", "Jeu de données", "Conjunto de datos", "مجموعة البيانات"),
    DATA_STRUCTURE: (
        "Migration statistics", "Statistiques migratoires", "Estadísticas de migración",
        "إحصاءات الهجرة",
    ),
    CONCEPTS: ("Concepts", "Concepts", "Conceptos", "المفاهيم"),
    AREAS: ("Areas", "Zones", "Áreas", "المناطق"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flow:
    """A dataset as one publishes it.

    Attributes:
        dataset: Our name of it.
        source: Where the figures come from.
        title: What it is called; the source's title where empty.
        definition: Whom or what it counts.
    """

    dataset: str
    source: Source = field(default_factory=Source)
    title: str = ""
    definition: str = ""

    @property
    def id(self) -> str:
        """Return the identifier of the dataflow."""
        return self.dataset.upper()

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.title or self.source.title or self.dataset.replace("_", " ").capitalize()

    @property
    def reference(self) -> str:
        """Return how SDMX names it."""
        return f"{AGENCY}:{self.id}({VERSION})"

    @property
    def urn(self) -> str:
        """Return its name on all systems."""
        return f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={self.reference}"

    @property
    def description(self) -> str:
        """Return producer, revision, licence and day, in words."""
        source = self.source
        told = [
            self.definition,
            f"Producer: {source.producer}." if source.producer else "",
            f"Revision: {source.version}." if source.version else "",
            f"Licence: {source.licence}." if source.licence else "",
            f"As of {source.as_of.isoformat()}." if source.as_of else "",
        ]
        return " ".join(part for part in told if part)


Words = Mapping[str, Mapping[str, str]]


def merged_words(listed: Iterable[Words]) -> dict[str, dict[str, str]]:
    """Return of each dimension the codes that occur in any of several datasets."""
    found: dict[str, dict[str, str]] = {name: {} for name in SERIES_DIMENSIONS}
    for one in listed:
        for dimension, words in one.items():
            found[dimension].update(words)
    return {name: dict(sorted(words.items())) for name, words in found.items()}


def codelists(words: Words) -> tuple[Codelist, ...]:
    """Return the code lists: areas are all countries, and whatever else occurs."""
    areas = {code: code for code in codes.all_areas()} | {codes.TOTAL: ""}
    areas |= words["REF_AREA"]
    areas |= words["COUNTERPART_AREA"]
    used = {
        AREAS: ("REF_AREA", areas),
        **{
            LISTS[name]: (name, {c: c for c in codes.FIXED.get(name, {})} | dict(words[name]))
            for name in SERIES_DIMENSIONS
            if LISTS[name] != AREAS
        },
        **{LISTS[n]: (n, {c: c for c in codes.FIXED[n]}) for n in ("UNIT_MULT", "OBS_STATUS")},
    }
    return tuple(
        Codelist(
            id=name,
            name=_joined(NAMES[AREAS] if name == AREAS else NAMES[dimension]),
            agency=AGENCY,
            version=VERSION,
            urn=f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:{name}({VERSION})",
            items=tuple(
                Code(id=code, name=_joined(codes.names_of(dimension, code, word or code)))
                for code, word in sorted(listed.items())
            ),
        )
        for name, (dimension, listed) in used.items()
    )


def concept_scheme() -> ConceptScheme:
    """Return the concepts of all dimensions, attributes and the measure."""
    concepts = [*DIMENSIONS, MEASURE, "UNIT_MULT", "OBS_STATUS", "PRODUCER_FLAGS", "DATASET"]
    return ConceptScheme(
        id=CONCEPTS,
        name=_joined(NAMES[CONCEPTS]),
        agency=AGENCY,
        version=VERSION,
        items=tuple(Concept(id=name, name=_joined(NAMES[name])) for name in concepts),
    )


def agency_scheme() -> AgencyScheme:
    """Return the one agency that maintains all this."""
    return AgencyScheme(agency="SDMX", items=(Agency(id=AGENCY, name="Waystation"),))


def data_structure(lists: Iterable[Codelist]) -> DataStructureDefinition:
    """Return the one data structure of all dataflows."""
    by_id = {one.id: one for one in lists}
    return DataStructureDefinition(
        id=DATA_STRUCTURE,
        name=_joined(NAMES[DATA_STRUCTURE]),
        agency=AGENCY,
        version=VERSION,
        components=Components(_components(by_id)),
    )


def dataflow(flow: Flow) -> Dataflow:
    """Return the dataflow of a dataset."""
    return Dataflow(
        id=flow.id,
        name=flow.name,
        description=flow.description or None,
        agency=AGENCY,
        version=VERSION,
        structure="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure="
        f"{AGENCY}:{DATA_STRUCTURE}({VERSION})",
    )


def schema(flow: Flow) -> Schema:
    """Return what a reader of data messages without structures in them needs to know."""
    return Schema(
        context="dataflow",
        agency=AGENCY,
        id=flow.id,
        version=VERSION,
        components=Components(_components({})),
        artefacts=(),
    )


def content_constraint(
    flow: Flow, available: Mapping[str, Iterable[str]], *, observations: int, series: int
) -> DataConstraint:
    """Return which codes and periods a dataflow, or a part of it, really has.

    Args:
        flow: The dataset.
        available: Codes by dimension, periods under TIME_PERIOD.
        observations: How many observations there are.
        series: How many series.
    """
    from pysdmx.model import Annotation

    counts = {"obs_count": observations, "series_count": series}
    return DataConstraint(
        id=flow.id,
        name=f"Available: {flow.name}",
        agency=AGENCY,
        version=VERSION,
        annotations=tuple(
            Annotation(id=name, title=str(count), type="sdmx_metrics")
            for name, count in counts.items()
        ),
        constraint_attachment=ConstraintAttachment(data_provider=None, dataflows=(flow.urn,)),
        cube_regions=(
            CubeRegion(
                key_values=tuple(
                    CubeKeyValue(id=name, values=tuple(CubeValue(value) for value in values))
                    for name, values in available.items()
                )
            ),
        ),
    )


def _components(lists: Mapping[str, Codelist]) -> list[Component]:
    def component(name: str, role: Role, **more: Any) -> Component:
        if LISTS.get(name) in lists:
            codelist = lists[LISTS[name]]
            more |= {"local_codes": codelist, "local_enum_ref": codelist.urn}
        else:
            more.setdefault("local_dtype", DataType.STRING)
        concept = ItemReference(
            sdmx_type="Concept", agency=AGENCY, id=CONCEPTS, version=VERSION, item_id=name
        )
        named = _joined(NAMES[name])
        return Component(
            name, required=more.pop("required", True), role=role, concept=concept, name=named,
            **more,
        )  # fmt: skip

    return [
        *(component(name, Role.DIMENSION) for name in SERIES_DIMENSIONS),
        component(TIME, Role.DIMENSION, local_dtype=DataType.PERIOD),
        component(MEASURE, Role.MEASURE, local_dtype=DataType.DOUBLE, required=False),
        component("UNIT_MULT", Role.ATTRIBUTE, attachment_level="O"),
        component("OBS_STATUS", Role.ATTRIBUTE, attachment_level="O"),
        component("PRODUCER_FLAGS", Role.ATTRIBUTE, attachment_level="O", required=False),
        # Of each observation, not of the whole: sdmx1 cannot read what is of a dataflow in 3.0.
        component("DATASET", Role.ATTRIBUTE, attachment_level="O", required=False),
    ]


@cache
def _joined(names: codes.Names) -> str:
    return SEPARATOR.join(names)
