"""Addresses of tracking, one file a part of the work."""

from __future__ import annotations

from waystation.web.tracking.urls import (
    looking,
    looking_closer,
    needs,
    responding,
    reviewing,
    sending,
    setting_up,
)

app_name = "tracking"
urlpatterns = [
    *setting_up.urlpatterns,
    *sending.urlpatterns,
    *reviewing.urlpatterns,
    *looking.urlpatterns,
    *looking_closer.urlpatterns,
    *responding.urlpatterns,
    *needs.urlpatterns,
]
