"""The tables of UNHCR's Refugee Data Finder: measures, and the headings these have had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Form:
    """One table of the Refugee Data Finder.

    Attributes:
        dataset: e.g. unhcr_population.
        title: What it is called.
        measures: Headings by measure.
        required: Measures whose columns must be there.
        stocks: Measures counted at the end of the year.
        breakdowns: Headings by further dimension.
        cases: The dimension whose value C says that cases, not people, are counted.
    """

    dataset: str
    title: str
    measures: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    stocks: tuple[str, ...] = ()
    breakdowns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cases: str | None = None


POPULATION = Form(
    "unhcr_population",
    "Refugee Data Finder: persons of concern",
    {
        "refugees": ("refugees", "Refugees under UNHCR's mandate", "Refugees"),
        "asylum_seekers": ("asylum_seekers", "Asylum-seekers", "Asylum seekers"),
        "returned_refugees": ("returned_refugees", "Returned refugees"),
        "idps_unhcr": ("idps", "IDPs of concern to UNHCR", "Internally displaced persons"),
        "returned_idps": ("returned_idps", "Returned IDPs", "Returned IDPss"),
        "stateless": ("stateless", "Stateless persons"),
        "others_of_concern": ("ooc", "Others of concern", "Others of concern to UNHCR"),
        "other_people_in_need": ("oip", "Other people in need of international protection"),
        "host_community": ("hst", "Host Community", "Host community"),
    },
    ("refugees", "asylum_seekers"),
    ("refugees", "asylum_seekers", "idps_unhcr", "stateless", "others_of_concern",
     "other_people_in_need", "host_community"),
)  # fmt: skip
APPLICATIONS = Form(
    "unhcr_asylum_applications",
    "Refugee Data Finder: asylum applications",
    {"asylum_applications": ("applied", "Applied", "Applications")},
    ("asylum_applications",),
    breakdowns={
        "procedure": ("procedure_type", "Authority"),
        "application": ("app_type", "Application type"),
        "level": ("dec_level", "Stage of procedure"),
        "counted": ("app_pc", "Cases / Persons"),
    },
    cases="counted",
)
DECISIONS = Form(
    "unhcr_asylum_decisions",
    "Refugee Data Finder: asylum decisions",
    {
        "asylum_recognised": ("dec_recognized", "Recognized decisions"),
        "asylum_complementary": ("dec_other", "Complementary protection"),
        "asylum_rejected": ("dec_rejected", "Rejected decisions"),
        "asylum_closed": ("dec_closed", "Otherwise closed"),
        "asylum_decisions": ("dec_total", "Total decisions"),
    },
    ("asylum_recognised", "asylum_decisions"),
    breakdowns={
        "procedure": ("procedure_type", "Authority"),
        "level": ("dec_level", "Stage of procedure"),
        "counted": ("dec_pc", "Cases / Persons"),
    },
    cases="counted",
)
SOLUTIONS = Form(
    "unhcr_solutions",
    "Refugee Data Finder: durable solutions",
    {
        "returned_refugees": ("returned_refugees", "Returned refugees"),
        "resettlement": ("resettlement", "Resettlement arrivals"),
        "naturalisation": ("naturalisation", "Naturalisation"),
        "returned_idps": ("returned_idps", "Returned IDPs"),
    },
    ("resettlement", "naturalisation"),
)
UNRWA = Form(
    "unrwa_refugees",
    "Palestine refugees registered with UNRWA",
    {"refugees_unrwa": ("total", "Palestine refugees under UNRWA's mandate", "Total")},
    ("refugees_unrwa",),
    ("refugees_unrwa",),
)
FLOWS = Form(
    "unhcr_flows",
    "Forced Displacement Flow Dataset",
    {
        "new_refugees": ("refugees",),
        "new_asylum_seekers": ("asylum_seekers",),
        "new_people_in_refugee_like_situations": ("refugee_like",),
        "new_other_people_in_need": ("oip",),
    },
    ("new_refugees", "new_people_in_refugee_like_situations"),
)
