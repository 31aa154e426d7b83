"""Addresses of what is published."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
