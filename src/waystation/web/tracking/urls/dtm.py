"""Addresses of the DTM API and of HDX HAPI, as their clients write them: in any case."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLPattern
from django.urls.resolvers import RegexPattern

from waystation.web.tracking.api import dtm, hapi, hna
from waystation.web.tracking.api.gateway import View
from waystation.web.tracking.served import Generation

app_name = "dtm"


def _any_case(route: str, view: View, name: str, **fixed: Any) -> URLPattern:
    """Return an address matched whatever its case: ``operation-List``, ``IdpAdmin0Data``."""
    pattern = RegexPattern(f"^{route}/?$", name=name, is_endpoint=True)
    # What the class would compile on first use, from the same text.
    pattern.__dict__["regex"] = re.compile(f"^{route}/?$", re.IGNORECASE)
    return URLPattern(pattern, view, fixed, name)


_V2, _V3 = {"generation": Generation.V2}, {"generation": Generation.V3}
_LEVEL = "(?P<level>[012])"
_ALL = "api/Common/GetAll"

urlpatterns = [
    _any_case(f"{_ALL}CountryList", dtm.open_countries, "v1_countries"),
    _any_case(f"{_ALL}OperationList", dtm.open_operations, "v1_operations"),
    *(
        # The number stands twice; a backreference could not be reversed.
        _any_case(
            f"api/idpAdmin{level}Data/GetAdmin{level}Datav2", dtm.open_idps,
            f"v1_admin{level}", level=level, **_V2,
        )
        for level in "012"
    ),
    _any_case("v2/CountryList", dtm.countries, "v2_countries"),
    _any_case("v2/OperationList", dtm.operations, "v2_operations"),
    _any_case(f"v2/IdpAdmin{_LEVEL}Data", dtm.idps, "v2_admin", **_V2),
    _any_case("v3/displacement/country-list", dtm.countries, "v3_countries"),
    _any_case("v3/displacement/operation-list", dtm.operations, "v3_operations"),
    _any_case(f"v3/displacement/admin{_LEVEL}", dtm.idps, "v3_admin", **_V3),
    _any_case("HNA/v1/country-list", hna.countries, "hna_countries"),
    _any_case("HNA/v1/catalog", hna.catalog, "hna_catalog"),
    _any_case("HNA/v1/admin2", hna.admin2, "hna_admin2"),
    _any_case("HNA/v1/download", hna.download, "hna_download"),
    _any_case("HNA/v1/files/(?P<link>[A-Za-z0-9_:=-]{1,4000})", hna.file, "hna_file"),
    *(
        _any_case(f"api/v{number}/affected-people/idps", hapi.idps, f"hapi_v{number}")
        for number in (1, 2)
    ),
]  # fmt: skip
