"""Addresses of the pages of statistics."""

from __future__ import annotations

from django.urls import path

from waystation.web.statistics.views import catalogue, dataset

app_name = "statistics"

urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
    path("<slug:dataset>/", dataset.dataset, name="dataset"),
    path("<slug:dataset>/download/<str:format>", dataset.download, name="download"),
]
