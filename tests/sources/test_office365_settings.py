"""What an Office 365 source is told, and what is said of a field that is wrong."""

import datetime as dt
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Locked
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from console.core.clouds import CLOUDS
from console.core.errors import SourceError
from jobs.sources.office365 import certificate
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wanted import Wanted
from tests.servers.graph.certificate import app_certificate
from tests.sources.ldap import assert_keeps
from tests.sources.office365 import SECRET

CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
RIGHT: dict[str, object] = {"tenant": "contoso.example", "client_id": CLIENT}


def read(credential: str = SECRET, **changes: Any) -> Office365Settings:
    return Office365Settings.from_json({**RIGHT, **changes}, credential, domains=["contoso.example"], allow_local=False)


def test_the_stored_settings_are_read_with_what_is_usual() -> None:
    settings = read()
    assert (settings.tenant, settings.client_id, settings.credential) == ("contoso.example", CLIENT, SECRET)
    assert settings.authority == f"https://{CLOUDS['global'].login}"
    assert settings.scope == f"https://{CLOUDS['global'].graph}/.default"
    assert settings.wanted == Wanted(people=True, shared=True, groups=True)
    assert settings.domains == {"contoso.example"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_stands_for_its_two_hosts(cloud: str) -> None:
    settings = read(cloud=cloud)
    assert settings.login_url == f"https://{CLOUDS[cloud].login}/contoso.example"
    assert settings.graph == f"https://{CLOUDS[cloud].graph}"


def test_other_addresses_may_be_given_with_what_people_copy_along() -> None:
    settings = read(authority="https://login.example/contoso.example/", graph="https://graph.example:8443/v1.0")
    assert (settings.authority, settings.graph) == ("https://login.example", "https://graph.example:8443")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tenant": ""}, "Tenant must be"),
        ({"tenant": "common"}, "Tenant must be"),
        ({"tenant": "contoso.example/../other"}, "Tenant must be"),
        ({"tenant": 7}, "Tenant must be a text"),
        ({"client_id": "Rollcall"}, "Client ID must be"),
        ({"cloud": "germany"}, "The cloud must be one of"),
        ({"authority": "http://login.example"}, "Sign-in URL must begin with https"),
        ({"authority": "https://login.example/other"}, "Sign-in URL"),
        ({"graph": "https://user:word@graph.example"}, "Graph URL"),
        ({"graph": "https://graph.example:port"}, "Graph URL"),
        ({"sync_people": "yes"}, "sync_people must be true or false"),
        ({"page_size": 1000}, "Page size must be a number from 1 to 999"),
        ({"patience": True}, "Patience must be a number"),
    ],
)
def test_a_wrong_field_is_named_and_the_secret_is_kept(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read(**changes)
    assert caught.value.permanent
    assert_keeps(SECRET, caught.value)


def test_a_source_without_a_credential_says_so() -> None:
    with pytest.raises(SourceError, match="client secret or the certificate of the app is missing"):
        read(" ")


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(read())


def test_a_change_of_what_is_read_changes_the_fingerprint_and_a_change_of_the_secret_does_not() -> None:
    same = {read().selected, read("another secret").selected, read(patience=7).selected}
    assert len(same) == 1
    others = [read(tenant="fabrikam.example"), read(sync_groups=False), read(cloud="china")]
    assert len({*same, *(settings.selected for settings in others)}) == 4


def test_a_certificate_is_told_from_a_secret_and_shows_its_end() -> None:
    pem, _ = app_certificate()
    settings = read(f"\n{pem}")
    assert settings.by_certificate
    assert not read().by_certificate
    ends = certificate.expiry(settings)
    assert ends is not None
    assert dt.timedelta(days=89) < ends - dt.datetime.now(dt.UTC) < dt.timedelta(days=91)
    assert certificate.expiry(read()) is None


def _parts() -> tuple[str, str]:
    pem, _ = app_certificate()
    at = pem.index("-----BEGIN CERTIFICATE-----")
    return pem[:at], pem[at:]


def _locked() -> str:
    key = load_pem_private_key(_parts()[0].encode(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, Locked(b"word")).decode()


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_two_halves_may_stand_in_any_order_among_other_certificates() -> None:
    key, own = _parts()
    other = app_certificate("other")[0].partition("-----BEGIN CERTIFICATE-----")
    text = f"{other[1]}{other[2]}{own}{key}"
    found = certificate.credential(read(text))
    assert isinstance(found, dict)
    assert found["public_certificate"].strip() == own.strip()
    assert found["private_key"].strip() == key.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda: _parts()[1], "has no private key with it"),
        (lambda: _parts()[0], "only its private key is there"),
        (lambda: _locked() + _parts()[1], "locked with a password"),
        (lambda: _elliptic() + _parts()[1], "RSA key"),
        (
            lambda: app_certificate("other")[0].partition("-----BEGIN CERT")[0] + _parts()[1],
            "does not belong to the key",
        ),
        (lambda: "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", "cannot be read"),
    ],
    ids=["no key", "no certificate", "locked", "elliptic", "another key", "garbage"],
)
def test_a_certificate_that_cannot_be_used_says_why_and_shows_nothing(text: object, words: str) -> None:
    assert callable(text)
    settings = read(text())
    with pytest.raises(SourceError, match=words) as caught:
        certificate.credential(settings)
    assert caught.value.permanent
    assert "MII" not in str(caught.value) + caught.value.detail
