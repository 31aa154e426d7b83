"""Addresses of operations, places and the master list."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
