"""What programs ask about themselves."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from waystation.web.accounts import access


@csrf_exempt  # a key, not a cookie, says who asks
def whoami(request: HttpRequest) -> JsonResponse:
    """Say which key a request carries."""
    return JsonResponse({"key": access.key_of_request(request).name})
