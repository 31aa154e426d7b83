"""Addresses of OGC API Features; with and without a slash at the end, as clients write them."""

from __future__ import annotations

from django.urls import re_path

from waystation.web.tracking.api import features

app_name = "ogc"
urlpatterns = [
    re_path(r"^$", features.landing, name="landing"),
    re_path(r"^conformance/?$", features.conformance, name="conformance"),
    re_path(r"^api/?$", features.api, name="api"),
    re_path(r"^collections/?$", features.collections, name="collections"),
    re_path(r"^collections/(?P<name>[^/]+)/?$", features.collection, name="collection"),
    re_path(r"^collections/(?P<name>[^/]+)/items/?$", features.items, name="items"),
    re_path(
        r"^collections/(?P<name>[^/]+)/items/(?P<feature_id>.+)$", features.item, name="item"
    ),
]
