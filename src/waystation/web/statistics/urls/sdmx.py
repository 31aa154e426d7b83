"""Addresses of SDMX."""

from __future__ import annotations

from django.urls import path

from waystation.web.statistics.api.sdmx import doors

app_name = "sdmx"

urlpatterns = [
    path("2.1/<path:question>", doors.sdmx_2_1, name="v2_1"),
    path("3.0/<path:question>", doors.sdmx_3_0, name="v3_0"),
]
