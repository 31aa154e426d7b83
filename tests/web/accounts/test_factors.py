"""Secrets of second factors are sealed with a key that the database does not hold."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from tests.web.conftest import PASSWORD, create_person

from waystation.errors import DataKeyLost
from waystation.web.accounts.actions import reseal_factors
from waystation.web.accounts.factors import code_now, opened, sealed
from waystation.web.audit.models import Event

pytestmark = pytest.mark.django_db
SECRET = generate_totp_secret()


def new_key():
    return Fernet.generate_key().decode()


@pytest.fixture
def person():
    person = create_person("cedar", has_second_factor=False)
    TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    return person


def test_the_database_does_not_hold_the_secret(person):
    kept = {f.type: str(f.data) for f in Authenticator.objects.all()}
    assert SECRET not in kept["totp"]
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
    seed = opened(codes.instance.data["seed"])
    assert len(seed) == 80
    assert seed not in kept["recovery_codes"]
    assert codes.validate_code(codes.generate_codes()[0])


def test_a_person_signs_in_with_a_sealed_secret(client, person):
    client.post("/accounts/login/", {"login": "cedar", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code_now(SECRET)})
    assert client.get("/").status_code == 200


def test_a_secret_kept_before_there_was_a_key_is_sealed_at_the_next_start(person):
    factor = Authenticator.objects.get(type="totp")
    factor.data = {"secret": SECRET}
    factor.save()
    assert TOTP(factor).validate_code(code_now(SECRET))
    assert reseal_factors() == (1, 0)
    factor.refresh_from_db()
    assert SECRET not in str(factor.data)
    assert opened(factor.data["secret"]) == SECRET
    event = Event.objects.latest("number")
    assert (event.verb, event.details) == ("second_factor.reseal", {"factors": 1})
    assert reseal_factors() == (0, 0)


def test_a_new_key_before_the_old_one_takes_over(person, settings):
    old = settings.DATA_KEYS
    settings.DATA_KEYS = [new_key(), *old]
    assert reseal_factors() == (2, 0)
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    assert opened(Authenticator.objects.get(type="totp").data["secret"]) == SECRET


def test_a_lost_key_is_told_at_the_start_and_at_sign_in(client, person, settings):
    settings.DATA_KEYS = [new_key()]
    assert reseal_factors() == (0, 2)
    with pytest.raises(DataKeyLost):
        opened(Authenticator.objects.get(type="totp").data["secret"])
    client.post("/accounts/login/", {"login": "cedar", "password": PASSWORD})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_now(SECRET)})
    assert answer.status_code == 503
    assert "lost the key" in answer.content.decode()


def test_a_key_of_hardware_has_no_secret_to_seal(person):
    Authenticator.objects.create(user=person, type="webauthn", data={})
    factor = Authenticator.objects.get(type="recovery_codes")
    factor.data = {"migrated_codes": [sealed("12345678")]}
    factor.save()
    assert reseal_factors() == (0, 0)
