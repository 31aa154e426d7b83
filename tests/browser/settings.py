"""The server's own settings, with pages that only tests have."""

from __future__ import annotations

from pathlib import Path

from waystation.web.project.settings.local import *  # noqa: F403  # as each start of the server does
from waystation.web.project.settings.local import TEMPLATES, WEB

ROOT_URLCONF = "tests.browser.urls"
TEMPLATES[0] |= {"DIRS": [WEB / "project" / "templates", Path(__file__).parent / "templates"]}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
