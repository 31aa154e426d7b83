"""Addresses of the work list and of files that offices send in."""

from __future__ import annotations

from django.urls import URLPattern, path

from waystation.web.tracking.views.sending import jobs, mapping, preview, receiving, upload
from waystation.web.tracking.views.sending import work as work_list

ONE = "<slug:slug>/uploads/<int:upload_id>"

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/work", work_list.work, name="work"),
    path("<slug:slug>/uploads/new", receiving.upload_new, name="upload_new"),
    path(ONE, upload.upload, name="upload"),
    path(f"{ONE}/state", upload.upload_state, name="upload_state"),
    path(f"{ONE}/original", upload.upload_original, name="upload_original"),
    path(f"{ONE}/withdraw", upload.upload_withdraw, name="upload_withdraw"),
    path(f"{ONE}/again", upload.upload_again, name="upload_again"),
    path(f"{ONE}/mapping", mapping.upload_mapping, name="upload_mapping"),
    path(f"{ONE}/mapping.yaml", mapping.upload_yaml, name="upload_yaml"),
    path(f"{ONE}/preview", preview.upload_preview, name="upload_preview"),
    path(f"{ONE}/confirm", preview.upload_confirm, name="upload_confirm"),
    path("<slug:slug>/jobs/<int:job_id>", jobs.job, name="job"),
]
