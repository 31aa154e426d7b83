"""Addresses of presence, and of needs against it."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.responding import importing, page

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/response", page.response, name="response"),
    path("<slug:slug>/response-map.json", page.response_map_data, name="response_map_data"),
    path("<slug:slug>/response.csv", page.response_file, {"kind": "csv"}, name="response_csv"),
    path(
        "<slug:slug>/response.xlsx", page.response_file, {"kind": "xlsx"}, name="response_xlsx"
    ),
    path(
        "<slug:slug>/response/organisations.csv",
        page.organisations_file,
        name="organisations_csv",
    ),
    path("<slug:slug>/response/import", importing.presence_import, name="presence_import"),
    path(
        "<slug:slug>/response/import/<int:import_id>",
        importing.presence_preview,
        name="presence_preview",
    ),
    path(
        "<slug:slug>/response/import/<int:import_id>/withdraw",
        importing.presence_withdraw,
        name="presence_withdraw",
    ),
]
