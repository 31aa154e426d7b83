"""One machine, one data folder: what ``waystation serve`` uses unless told otherwise."""

from __future__ import annotations

from waystation.web.project.environment import LOCAL_HOSTS, data_keys_in, secret_key_in
from waystation.web.project.settings.base import *
from waystation.web.project.settings.base import ENVIRONMENT

SECRET_KEY = ENVIRONMENT.secret_key or secret_key_in(ENVIRONMENT.data)
DATA_KEYS = list(ENVIRONMENT.data_keys or data_keys_in(ENVIRONMENT.data))
ALLOWED_HOSTS = [*LOCAL_HOSTS, *ENVIRONMENT.allowed_hosts]
