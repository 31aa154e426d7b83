"""The exercise, published: made once a run, then copied and recorded anew for each test."""

from __future__ import annotations

import os
import shutil

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import serializers
from django.db import transaction
from django.test import override_settings
from tests.web.conftest import client_of

from waystation.web.accounts.models import Office, RoleAssignment, User
from waystation.web.audit.models import Event
from waystation.web.tracking import models
from waystation.web.tracking.exercise import SLUG, seed_exercise
from waystation.web.tracking.models import Operation

SITES, ROUNDS = 60, 3
RECORDS = (
    Office, User, RoleAssignment, Event, Operation, models.PlaceFile, models.Round,
    models.Upload, models.UploadRound, models.Job, models.PublicationRequest, models.Snapshot,
    models.NeedsSurvey, models.Correction,
)  # fmt: skip


@pytest.fixture(autouse=True)
def data(tmp_path, settings):
    """Keep everything that the server keeps in a folder of this test."""
    settings.DATA = tmp_path / "data"
    return settings.DATA


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory, django_db_setup, django_db_blocker):
    """Return the folder and the records of a published exercise; its last round is a draft."""
    folder = tmp_path_factory.mktemp("exercise") / "data"
    settings = override_settings(DATA=folder)
    with django_db_blocker.unblock(), settings, transaction.atomic():
        seed_exercise(sites=SITES, rounds=ROUNDS, seed=1)
        rows = [r for model in RECORDS for r in model.objects.order_by("pk")]
        records = serializers.serialize("python", rows)
        transaction.set_rollback(True)
    return folder, records


@pytest.fixture
def exercise(db, data, _made_once) -> Operation:
    """Return the exercise: rounds 1 and 2 are published, round 3 is built and open."""
    folder, records = _made_once
    # Files never change once written, so that links to them will do.
    shutil.copytree(folder, data, copy_function=os.link)
    for record in serializers.deserialize("python", records):
        record.save()
    return Operation.objects.get(slug=SLUG)


@pytest.fixture
def as_person(exercise):
    """Return a function that signs a person of the exercise in, with a second factor."""

    def client(username):
        person = User.objects.get(username=username)
        TOTP.activate(person, generate_totp_secret())
        return client_of(person)

    return client
