"""Tests: a key that protects nothing, a database in memory or the one of DATABASE_URL."""

from __future__ import annotations

from waystation.web.project.settings.base import *
from waystation.web.project.settings.base import DATABASES, ENVIRONMENT, STORAGES

SECRET_KEY = "only-for-tests-" * 4
ALLOWED_HOSTS = ["testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
if not ENVIRONMENT.database_url:
    DATABASES["default"]["NAME"] = ":memory:"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
# Pages are tested without a built front end.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
