"""The structures of this server and what refers to what, made only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from waystation.errors import InvalidChoice
from waystation.release.sdmx import structures
from waystation.release.sdmx.structures import AGENCY, VERSION
from waystation.web.statistics import queries
from waystation.web.statistics.queries import Held

TYPES = (
    "agencyscheme", "conceptscheme", "codelist", "datastructure", "dataflow",
    "contentconstraint",
)  # fmt: skip
ALIASES = {
    "dataconstraint": "contentconstraint",
    "actualconstraint": "contentconstraint",
    "availabilityconstraint": "contentconstraint",
    "organisationscheme": "agencyscheme",
}
# Kinds of structures of which this server has none.
OTHERS = (
    "metadatastructure", "categoryscheme", "hierarchicalcodelist", "hierarchy",
    "hierarchyassociation", "dataproviderscheme", "dataconsumerscheme",
    "organisationunitscheme",
    "reportingtaxonomy", "provisionagreement", "structureset", "process", "categorisation",
    "attachmentconstraint", "allowedconstraint", "metadataflow", "metadataconstraint",
    "transformationscheme", "rulesetscheme", "userdefinedoperatorscheme", "customtypescheme",
    "namepersonalisationscheme", "vtlmappingscheme", "valuelist", "conceptschememap",
    "structuremap", "representationmap", "categoryschememap", "organisationschememap",
    "reportingtaxonomymap", "metadataproviderscheme", "metadataprovisionagreement",
)  # fmt: skip
DETAILS = {
    "full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs",
    "referencepartial", "raw",
}  # fmt: skip
REFERENCES = (
    "none", "children", "descendants", "parents", "parentsandsiblings", "ancestors", "all",
)  # fmt: skip
_LATEST = {"latest", "all", "*", "+", "~", VERSION, "1.0.0", "1.0+", "1+", "1.0.0+"}


@dataclass(frozen=True, slots=True)
class Node:
    """A structure by its name."""

    kind: str
    agency: str
    id: str


class Graph:
    """All structures of the datasets that are held."""

    def __init__(self, datasets: tuple[Held, ...]) -> None:
        self.datasets = datasets
        self._held = {one.flow.id: one for one in datasets}

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Return the names of all structures."""
        lists = [Node("codelist", AGENCY, i) for i in sorted(set(structures.LISTS.values()))]
        return (
            Node("agencyscheme", "SDMX", "AGENCIES"),
            Node("conceptscheme", AGENCY, structures.CONCEPTS),
            *lists,
            Node("datastructure", AGENCY, structures.DATA_STRUCTURE),
            *(Node("dataflow", AGENCY, i) for i in self._held),
            *(Node("contentconstraint", AGENCY, i) for i in self._held),
        )

    def found(self, kind: str, agency: str, ids: str, version: str) -> list[Node]:
        """Return the structures that a request names; lists have commas or pluses between."""
        return [
            node
            for node in self.nodes
            if (kind in {"structure", "*"} or node.kind == kind)
            and _is_one_of(node.agency, agency)
            and _is_one_of(node.id, ids)
            and any(one.strip() in _LATEST for one in _listed(version))
        ]

    def children(self, node: Node) -> list[Node]:
        """Return what a structure refers to."""
        if node.kind == "dataflow":
            return [n for n in self.nodes if n.kind == "datastructure"]
        if node.kind == "datastructure":
            return [n for n in self.nodes if n.kind in {"conceptscheme", "codelist"}]
        if node.kind == "contentconstraint":
            return [Node("dataflow", AGENCY, node.id)]
        return []

    def parents(self, node: Node) -> list[Node]:
        """Return what refers to a structure."""
        return [other for other in self.nodes if node in self.children(other)]

    def with_references(self, found: Iterable[Node], references: str) -> list[Node]:
        """Return structures with those that a request wants beside them.

        Raises:
            InvalidChoice: If ``references`` has no such value.
        """
        start = list(found)
        wanted = ALIASES.get(references, references)
        if wanted in TYPES or wanted in OTHERS:
            near = self._reached(start, self.children) + self._reached(start, self.parents)
            return _once([*start, *(n for n in near if n.kind == wanted)])
        return _once([*start, *self._beside(start, wanted)])

    def _beside(self, start: list[Node], references: str) -> list[Node]:
        if references == "none":
            return []
        if references == "children":
            return [child for node in start for child in self.children(node)]
        if references == "descendants":
            return self._reached(start, self.children)
        if references == "ancestors":
            return self._reached(start, self.parents)
        parents = [parent for node in start for parent in self.parents(node)]
        siblings = [child for parent in parents for child in self.children(parent)]
        if references == "parents":
            return parents
        if references == "parentsandsiblings":
            return [*parents, *siblings]
        if references == "all":
            return [*parents, *siblings, *self._reached(start, self.children)]
        choices = ", ".join((*REFERENCES, *TYPES))
        raise InvalidChoice(value=references[:60], option="references", choices=choices)

    def _reached(self, start: list[Node], step: Callable[[Node], list[Node]]) -> list[Node]:
        reached: list[Node] = []
        waiting = [n for node in start for n in step(node)]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.append(node)
                waiting += step(node)
        return reached

    @cached_property
    def _lists(self) -> dict[str, Any]:
        words = queries.words_of_all(self.datasets)
        return {one.id: one for one in structures.codelists(words)}

    def artefact(self, node: Node) -> Any:
        """Return a structure."""
        if node.kind == "agencyscheme":
            return structures.agency_scheme()
        if node.kind == "conceptscheme":
            return structures.concept_scheme()
        if node.kind == "codelist":
            return self._lists[node.id]
        if node.kind == "datastructure":
            return structures.data_structure(self._lists.values())
        one = self._held[node.id]
        if node.kind == "dataflow":
            return structures.dataflow(one.flow)
        return constraint(one, one.available())


def constraint(one: Held, available: queries.Available) -> Any:
    """Return what a dataset, or a part of it, has."""
    return structures.content_constraint(
        one.flow,
        available.values,
        observations=available.observations,
        series=available.series,
    )


def stub(artefact: Any) -> Any:
    """Return a structure without what is in it, where it has items or components."""
    if hasattr(artefact, "items"):
        return msgspec.structs.replace(artefact, items=(), is_external_reference=True)
    return artefact


def only_items(artefact: Any, ids: str) -> Any:
    """Return a scheme with some of its items; nothing else has items."""
    if not ids or ids in {"all", "*"} or not hasattr(artefact, "items"):
        return artefact
    wanted = set(_listed(ids))
    items = tuple(item for item in artefact.items if item.id in wanted)
    return msgspec.structs.replace(artefact, items=items, is_partial=True)


def _once(nodes: Iterable[Node]) -> list[Node]:
    return list(dict.fromkeys(nodes))


def _listed(written: str) -> list[str]:
    return written.replace("+", ",").split(",") if written != "+" else [written]


def _is_one_of(name: str, written: str) -> bool:
    return written in {"all", "*", ""} or name in _listed(written)
