"""Addresses of the work list and of files that offices send in."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
