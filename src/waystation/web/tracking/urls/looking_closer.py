"""Addresses of a place, comparisons, tables, figures and releases."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.closer import (
    compare,
    documents,
    downloads,
    flows,
    place,
    releases,
    table,
    trail,
)

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/table", table.table, name="table"),
    path("<slug:slug>/table.csv", table.table_file, {"kind": "csv"}, name="table_csv"),
    path("<slug:slug>/table.xlsx", table.table_file, {"kind": "xlsx"}, name="table_xlsx"),
    path("<slug:slug>/compare", compare.compare, name="compare"),
    path("<slug:slug>/compare.csv", compare.compare_csv, name="compare_csv"),
    path("<slug:slug>/compare-map.json", compare.compare_map_data, name="compare_map_data"),
    path("<slug:slug>/flows", flows.flows, name="flows"),
    path("<slug:slug>/flows-map.json", flows.flows_map_data, name="flows_map_data"),
    path("<slug:slug>/where", trail.trail, name="trail"),
    path("<slug:slug>/download/<str:format>", downloads.download, name="download"),
    path("<slug:slug>/report.pdf", downloads.report, name="report"),
    path("<slug:slug>/releases", releases.releases, name="releases"),
    path("<slug:slug>/releases/<str:key>/<int:version>", releases.release, name="release"),
    path(
        "<slug:slug>/outlines/<int:level>.json", documents.outlines_data, name="outlines_data"
    ),
    path("<slug:slug>/place-chart.json", documents.place_chart_data, name="place_chart_data"),
    path("<slug:slug>/place-map.json", documents.place_map_data, name="place_map_data"),
    path(
        "<slug:slug>/place-points.json", documents.place_points_data, name="place_points_data"
    ),
    path("<slug:slug>/place/<path:code>", place.place, name="place"),
]
