"""Addresses of operations, places and the master list."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.setting_up import locations, operations, places

urlpatterns: list[URLPattern] = [
    path("new", operations.operation_new, name="operation_new"),
    path("<slug:slug>/settings", operations.operation_settings, name="operation_settings"),
    path("<slug:slug>/geography", places.geography_page, name="geography"),
    path(
        "<slug:slug>/geography/<int:file_id>/withdraw",
        places.withdraw_file,
        name="place_file_withdraw",
    ),
    path("<slug:slug>/locations", locations.locations, name="locations"),
    path("<slug:slug>/locations/proposals", locations.proposals, name="location_proposals"),
    path("<slug:slug>/locations/map.json", locations.locations_map, name="locations_map"),
    path("<slug:slug>/locations/of/<path:code>", locations.location, name="location"),
]
