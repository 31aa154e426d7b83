"""Who may open which address of tracking, on the published exercise, which is public.

Administrators set operations up and see no draft; information officers do all of the work;
field offices send, coordinators look; nobody else works on it, and to them it is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from waystation.web.accounts.roles import Role

ANONYMOUS, NO_ROLE, KEY = "anonymous", "no role", "key"
CALLERS = (ANONYMOUS, NO_ROLE, *Role, KEY)
Expected = Mapping[str, int | None]


def _working(administrator: int, officer: int, field: int, coordinator: int) -> Expected:
    return {
        **dict.fromkeys(CALLERS, 404),
        ANONYMOUS: 302,
        KEY: 302,
        Role.ADMINISTRATOR: administrator,
        Role.INFORMATION_OFFICER: officer,
        Role.FIELD_OFFICE: field,
        Role.COORDINATOR: coordinator,
    }


def _everyone(status: int) -> Expected:
    return dict.fromkeys(CALLERS, status)


def _programs(status: int) -> Expected:
    return {**_everyone(401), KEY: status}


# By how they are asked and what is answered: the addresses.
TRACKING: tuple[tuple[str, Expected, tuple[str, ...]], ...] = (
    (
        "GET",
        _everyone(200),
        (
            "api/Common/GetAllCountryList/?",
            "api/Common/GetAllOperationList/?",
            "api/idpAdmin0Data/GetAdmin0Datav2/?",
            "api/idpAdmin1Data/GetAdmin1Datav2/?",
            "api/idpAdmin2Data/GetAdmin2Datav2/?",
            "api/v1/affected-people/idps/?",
            "api/v1/indicators",
            "api/v1/openapi.json",
            "api/v1/operations",
            "api/v1/operations/<slug>",
            "api/v1/operations/<slug>/changes",
            "api/v1/operations/<slug>/locations",
            "api/v1/operations/<slug>/matrix",
            "api/v1/operations/<slug>/totals",
            "api/v1/operations/<slug>/versions",
            "api/v2/affected-people/idps/?",
            "ogc/",
            "ogc/api/?",
            "ogc/collections/(?P<name>[^/]+)/?",
            "ogc/collections/(?P<name>[^/]+)/items/(?P<feature_id>.+)",
            "ogc/collections/(?P<name>[^/]+)/items/?",
            "ogc/collections/?",
            "ogc/conformance/?",
            "operations/<slug:slug>/",
            "operations/<slug:slug>/compare",
            "operations/<slug:slug>/compare-map.json",
            "operations/<slug:slug>/compare.csv",
            "operations/<slug:slug>/download/<str:format>",
            "operations/<slug:slug>/flows",
            "operations/<slug:slug>/flows-map.json",
            "operations/<slug:slug>/map.json",
            "operations/<slug:slug>/needs",
            "operations/<slug:slug>/outlines/<int:level>.json",
            "operations/<slug:slug>/place/<path:code>",
            "operations/<slug:slug>/points.json",
            "operations/<slug:slug>/points/values.json",
            "operations/<slug:slug>/releases",
            "operations/<slug:slug>/releases/<str:key>/<int:version>",
            "operations/<slug:slug>/report.pdf",
            "operations/<slug:slug>/response",
            "operations/<slug:slug>/response-map.json",
            "operations/<slug:slug>/response.csv",
            "operations/<slug:slug>/response.xlsx",
            "operations/<slug:slug>/response/organisations.csv",
            "operations/<slug:slug>/table",
            "operations/<slug:slug>/table.csv",
            "operations/<slug:slug>/table.xlsx",
            "operations/<slug:slug>/where",
            "releases.atom",
            "robots.txt",
        ),
    ),
    ("GET", _working(200, 200, 200, 200), ("operations/<slug:slug>/jobs/<int:job_id>",)),
    (
        "GET",
        _working(200, 200, 403, 403),
        (
            "operations/<slug:slug>/geography",
            "operations/<slug:slug>/settings",
        ),
    ),
    ("GET", _working(200, 200, 404, 404), ("operations/new",)),
    (
        "GET",
        _working(403, 200, 200, 200),
        (
            "operations/<slug:slug>/locations",
            "operations/<slug:slug>/locations/map.json",
            "operations/<slug:slug>/locations/proposals",
            "operations/<slug:slug>/rounds/<str:key>/log",
            "operations/<slug:slug>/rounds/<str:key>/publish",
            "operations/<slug:slug>/rounds/<str:key>/publish/progress",
            "operations/<slug:slug>/rounds/<str:key>/publish/protection",
            "operations/<slug:slug>/rounds/<str:key>/review",
            "operations/<slug:slug>/rounds/<str:key>/review/progress",
            "operations/<slug:slug>/rounds/<str:key>/review/questions",
            "operations/<slug:slug>/rounds/<str:key>/review/questions.csv",
            "operations/<slug:slug>/uploads/<int:upload_id>",
            "operations/<slug:slug>/work",
        ),
    ),
    (
        "GET",
        _working(403, 200, 200, 403),
        (
            "operations/<slug:slug>/response/import",
            "operations/<slug:slug>/response/import/<int:import_id>",
            "operations/<slug:slug>/uploads/<int:upload_id>/mapping",
            "operations/<slug:slug>/uploads/<int:upload_id>/mapping.yaml",
            "operations/<slug:slug>/uploads/<int:upload_id>/original",
            "operations/<slug:slug>/uploads/new",
        ),
    ),
    (
        "GET",
        _working(403, 200, 403, 403),
        (
            "operations/<slug:slug>/rounds/<str:key>/log/import",
            "operations/<slug:slug>/rounds/<str:key>/publish/withdraw/<int:version>",
            "operations/<slug:slug>/rounds/<str:key>/review/bulk",
        ),
    ),
    (
        "GET",
        _working(403, 302, 302, 302),
        (
            "operations/<slug:slug>/uploads/<int:upload_id>/preview",
            "operations/<slug:slug>/uploads/<int:upload_id>/state",
        ),
    ),
    (
        "GET",
        _working(403, 404, 404, 404),
        (
            "operations/<slug:slug>/locations/of/<path:code>",
            "operations/<slug:slug>/rounds/<str:key>/log.<str:kind>",
            "operations/<slug:slug>/rounds/<str:key>/review/finding/<str:finding>",
        ),
    ),
    (
        "GET",
        _programs(200),
        (
            "HNA/v1/catalog/?",
            "HNA/v1/country-list/?",
            "v2/CountryList/?",
            "v2/IdpAdmin(?P<level>[012])Data/?",
            "v2/OperationList/?",
            "v3/displacement/admin(?P<level>[012])/?",
            "v3/displacement/country-list/?",
            "v3/displacement/operation-list/?",
        ),
    ),
    (
        "GET",
        _programs(400),
        (
            "HNA/v1/admin2/?",
            "HNA/v1/download/?",
        ),
    ),
    ("GET", _everyone(403), ("HNA/v1/files/(?P<link>[A-Za-z0-9_:=-]{1,4000})/?",)),
    (
        "GET",
        _everyone(404),
        (
            "api/v1/",
            "operations/<slug:slug>/charts/<slug:name>.json",
            "operations/<slug:slug>/place-chart.json",
            "operations/<slug:slug>/place-map.json",
            "operations/<slug:slug>/place-points.json",
        ),
    ),
    (
        "POST",
        _working(302, 302, 403, 403),
        ("operations/<slug:slug>/geography/<int:file_id>/withdraw",),
    ),
    (
        "POST",
        _working(403, 302, 302, 403),
        (
            "operations/<slug:slug>/response/import/<int:import_id>/withdraw",
            "operations/<slug:slug>/uploads/<int:upload_id>/withdraw",
        ),
    ),
    (
        "POST",
        _working(403, 302, 403, 403),
        (
            "operations/<slug:slug>/needs/<int:survey_id>/withdraw",
            "operations/<slug:slug>/rounds/<str:key>/review/rebuild",
        ),
    ),
    (
        "POST",
        _working(403, 404, 403, 403),
        ("operations/<slug:slug>/rounds/<str:key>/review/undo",),
    ),
    (
        "POST",
        _working(403, 422, 422, 403),
        (
            "operations/<slug:slug>/uploads/<int:upload_id>/again",
            "operations/<slug:slug>/uploads/<int:upload_id>/confirm",
        ),
    ),
)
