"""A server in processes of its own, whose worker is killed in the middle: for test_jobs_killed.

``python -m tests.web.tracking.killed_worker prepare FILE`` sends a file in and confirms it;
``work FUNCTION EVENT`` starts the worker that the server starts, which kills itself (SIGKILL)
when a function is called or returns; ``report`` says what can be seen; ``resume`` does what a
new worker does first, then works until nothing waits.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command


def prepare(path: str) -> None:
    call_command("migrate", verbosity=0)
    from waystation.web.tracking.actions.operations import create_operation
    from waystation.web.tracking.actions.uploads import confirm_mapping, receive_upload
    from waystation.web.tracking.mappings import mapping_of
    from waystation.web.tracking.models import Upload

    operation = create_operation("Floods", "XWS", slug="floods", by=None)
    file = Path(path)
    receive_upload(operation, file.name, [file.read_bytes()], by=None, round_number=7)
    _work()
    upload = Upload.objects.select_related("operation").get()
    confirm_mapping(upload, mapping_of(upload), by=None, round_number=7)


def work(function: str, event: str) -> None:
    def killer(frame, what, _argument):
        if what == event and frame.f_code.co_name == function:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(killer)
    _work()


def resume_and_die(function: str, event: str) -> None:
    from waystation.web.tracking.jobs import resume_lost_jobs

    resume_lost_jobs()
    work(function, event)


def resume() -> None:
    from waystation.web.tracking.jobs import resume_lost_jobs

    resume_lost_jobs()
    _work()


def report() -> None:
    import polars as pl

    from waystation.tracking.build_folder import read_build
    from waystation.web.audit.models import Event
    from waystation.web.audit.queries import verify_chain
    from waystation.web.tracking import storage
    from waystation.web.tracking.models import Job, Round, Upload

    upload = Upload.objects.select_related("operation").get()
    found: dict[str, Any] = {
        "upload": upload.state,
        "rows": upload.rows,
        "parts": [(p.round.key, p.rows) for p in upload.parts.select_related("round")],
        "jobs": {j.kind: [j.state, j.attempts] for j in Job.objects.order_by("pk")},
        "drafts": {},
        "read": Event.objects.filter(verb="upload.read").count(),
        "broken": len(verify_chain().broken),
        "half": [p.name for p in storage.data_folder().rglob(".*-*") if p.is_dir()],
    }
    for round_ in Round.objects.select_related("operation"):
        persons = None
        if round_.draft:
            totals = read_build(storage.draft_folder(round_)).totals
            country = totals.filter(
                (pl.col("admin_level") == 0) & (pl.col("indicator") == "idp_individuals")
            )
            persons = country["value"].sum()
        found["drafts"][round_.key] = [round_.draft, persons]
    print(json.dumps(found))


def _work() -> None:
    call_command("db_worker", batch=True, startup_delay=False, interval=0, verbosity=0)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "waystation.web.project.settings.local"
    django.setup()
    acts = (prepare, work, resume, resume_and_die, report)
    {act.__name__: act for act in acts}[sys.argv[1]](*sys.argv[2:])
