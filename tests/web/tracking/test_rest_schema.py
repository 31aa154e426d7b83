"""Whatever is asked, allowed by the document or not, the REST API makes no error of its own."""

from __future__ import annotations

import contextlib

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

EXAMPLES = 40


def test_no_question_makes_a_server_error(exercise, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # the document is valid
        for mode in GenerationMode:

            @given(case=operation.as_strategy(generation_mode=mode))
            @effort(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            def ask(case):
                if "slug" in (case.path_parameters or {}):
                    case.path_parameters["slug"] = "exercise"
                answer = case.call()
                assert answer.status_code < 500, case.as_curl_command()

            # A question without parameters cannot be asked wrongly.
            with contextlib.suppress(Unsatisfiable):
                ask()
                asked += 1
    assert asked >= 12
