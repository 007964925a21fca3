"""The settings of the operator's app at Microsoft: wrong combinations stop the start and are named."""

import datetime as dt
from pathlib import Path

import pytest

from console.settings import Settings, SettingsError
from tests.servers.graph.certificate import app_certificate
from tests.servers.pki import Pki
from tests.test_settings import GOOD

APP = "00001111-AAAA-2222-BBBB-3333cccc4444"
TENANT = "99990000-aaaa-2222-bbbb-3333cccc4444"


def read(**changes: str) -> Settings:
    return Settings.from_env({**GOOD, **{f"MICROSOFT_{name}": value for name, value in changes.items()}})


def test_without_an_app_there_is_neither_connect_nor_sign_in() -> None:
    microsoft = read().microsoft
    assert not microsoft.connects
    assert not microsoft.signs_in
    assert not microsoft.elsewhere
    assert (microsoft.login_url, microsoft.graph_url) == (
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
    )


def test_an_app_with_a_secret_connects_and_signs_nobody_in() -> None:
    microsoft = read(CLIENT_ID=APP, CLIENT_SECRET="hush").microsoft
    assert (microsoft.connects, microsoft.signs_in) == (True, False)
    assert (microsoft.client_id, microsoft.credential) == (APP.lower(), "hush")
    assert "hush" not in repr(microsoft)


def test_sign_in_is_for_one_tenant() -> None:
    app = {"MICROSOFT_CLIENT_ID": APP, "MICROSOFT_CLIENT_SECRET": "hush", "MICROSOFT_SIGN_IN_TENANT": TENANT}
    assert Settings.from_env({**GOOD, **app, "SIGN_IN_WITH_MICROSOFT": "1"}).microsoft.signs_in
    assert not Settings.from_env({**GOOD, **app}).microsoft.signs_in


def test_a_certificate_is_a_file_or_a_text_on_one_line(tmp_path: Path) -> None:
    pem, _ = app_certificate()
    file = tmp_path / "app.pem"
    file.write_text(pem)
    for given in (str(file), pem, pem.replace("\n", "\\n")):
        microsoft = read(CLIENT_ID=APP, CERTIFICATE=given).microsoft
        assert microsoft.credential == pem
    assert "PRIVATE" not in repr(microsoft)


def test_the_end_of_a_secret_is_given_and_that_of_a_certificate_is_read(tmp_path: Path) -> None:
    secret = {"CLIENT_ID": APP, "CLIENT_SECRET": "hush"}
    assert read(**secret).microsoft.expires_on is None
    assert read(**secret, SECRET_EXPIRES="2027-03-31").microsoft.expires_on == dt.date(2027, 3, 31)
    pem, certificate = app_certificate()
    microsoft = read(CLIENT_ID=APP, CERTIFICATE=pem).microsoft
    assert microsoft.expires_on == certificate.not_valid_after_utc.date()
    assert (microsoft.by_certificate, read(**secret).microsoft.by_certificate) == (True, False)


def test_a_certificate_that_has_expired_keeps_nobody_from_starting() -> None:
    pem, certificate = app_certificate(days=-1)
    assert read(CLIENT_ID=APP, CERTIFICATE=pem).microsoft.expires_on == certificate.not_valid_after_utc.date()


def test_another_cloud_has_both_its_hosts(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    settings = read(
        LOGIN_URL="https://login.microsoftonline.us/", GRAPH_URL="https://graph.microsoft.us", CA_FILE=str(pki.ca_file)
    )
    assert settings.microsoft.elsewhere
    assert settings.microsoft.login_url == "https://login.microsoftonline.us"
    assert settings.microsoft.ca_pem == pki.ca_file.read_text()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"CLIENT_ID": APP}, "MICROSOFT_CLIENT_SECRET is not set, nor MICROSOFT_CERTIFICATE"),
        ({"CLIENT_SECRET": "hush"}, "MICROSOFT_CLIENT_ID is not set"),
        ({"LOGIN_URL": "https://login.example"}, "MICROSOFT_GRAPH_URL is not set"),
        ({"GRAPH_URL": "https://graph.example"}, "MICROSOFT_LOGIN_URL is not set"),
        ({"CLIENT_ID": "Rollcall", "CLIENT_SECRET": "hush"}, "MICROSOFT_CLIENT_ID is wrong"),
        ({"LOGIN_URL": "http://login.example", "GRAPH_URL": "https://graph.example"}, "MICROSOFT_LOGIN_URL is wrong"),
        ({"LOGIN_URL": "https://login.example", "GRAPH_URL": "https://graph.example/v1.0"}, "MICROSOFT_GRAPH_URL is"),
        ({"CERTIFICATE": "/nowhere/app.pem"}, "MICROSOFT_CERTIFICATE is wrong: it names a file that cannot be read"),
        ({"CERTIFICATE": "-----BEGIN CERTIFICATE-----"}, "MICROSOFT_CERTIFICATE is wrong: it cannot be used"),
        (
            {"CLIENT_ID": APP, "CLIENT_SECRET": "hush", "SECRET_EXPIRES": "31.3.2027"},
            "MICROSOFT_SECRET_EXPIRES is wrong",
        ),
        ({"SECRET_EXPIRES": "2027-03-31"}, "MICROSOFT_SECRET_EXPIRES is of no use: MICROSOFT_CLIENT_SECRET is not set"),
        ({"CA_FILE": "/nowhere"}, "MICROSOFT_CA_FILE is wrong"),
        ({"SIGN_IN_TENANT": "contoso.example"}, "MICROSOFT_SIGN_IN_TENANT is wrong"),
    ],
)
def test_what_does_not_go_together_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"^{named}") as error:
        read(**given)
    assert "hush" not in str(error.value)


def test_a_certificate_needs_nobody_to_say_when_it_ends() -> None:
    with pytest.raises(SettingsError, match=r"^MICROSOFT_SECRET_EXPIRES is of no use: a certificate tells by itself"):
        read(CLIENT_ID=APP, CERTIFICATE=app_certificate()[0], SECRET_EXPIRES="2027-03-31")


def test_a_secret_and_a_certificate_are_one_too_many() -> None:
    pem, _ = app_certificate()
    with pytest.raises(SettingsError, match="are both set") as error:
        read(CLIENT_ID=APP, CLIENT_SECRET="hush", CERTIFICATE=pem)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "MICROSOFT_CLIENT_ID is not set, and SIGN_IN_WITH_MICROSOFT needs it"),
        (
            {"MICROSOFT_CLIENT_ID": APP, "MICROSOFT_CLIENT_SECRET": "hush"},
            "MICROSOFT_SIGN_IN_TENANT is not set, and SIGN_IN_WITH_MICROSOFT needs it",
        ),
    ],
)
def test_sign_in_needs_an_app_and_a_tenant(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"^{named}"):
        Settings.from_env({**GOOD, **given, "SIGN_IN_WITH_MICROSOFT": "1"})
