"""Addresses of what is published."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.looking import data
from waystation.web.tracking.views.looking.operation import operation

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/", operation, name="operation"),
    path("<slug:slug>/map.json", data.map_data, name="map_data"),
    path("<slug:slug>/outlines/<int:level>.json", data.outlines_data, name="outlines_data"),
    path("<slug:slug>/points.json", data.points_data, name="points_data"),
    path("<slug:slug>/points/values.json", data.point_values_data, name="point_values_data"),
    path("<slug:slug>/charts/<slug:name>.json", data.chart_data, name="chart_data"),
]
