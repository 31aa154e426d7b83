"""The application as an ASGI server loads it."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waystation.web.project.settings.local")
# Whitenoise reads small files of the package in one go, which is what Django warns of.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
_django = get_asgi_application()

from django.conf import settings  # noqa: E402  # only now are the settings named

from waystation.web.project.limits import BodyLimit  # noqa: E402  # the same

application = BodyLimit(_django, settings.MAX_UPLOAD_BYTES)
