"""A server on the network: everything named, everything over TLS."""

from __future__ import annotations

from waystation.web.project.settings.base import *
from waystation.web.project.settings.base import ENVIRONMENT

ENVIRONMENT.require_production()
SECRET_KEY = ENVIRONMENT.secret_key
DATA_KEYS = list(ENVIRONMENT.data_keys)
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Listing in browsers binds a whole domain for years: its owner decides, not this setting.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
