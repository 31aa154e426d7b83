"""Addresses of presence, and of needs against it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
