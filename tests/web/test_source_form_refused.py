"""What the form of a source does not take, and the sentence beside the field."""

import pytest

from console.models import Domain
from console.store import sources
from tests import factories
from tests.web.client import Browser, page
from tests.web.source_form import GOOD, NEW

WRONG = [
    ({"name": ""}, "Enter a name."),
    ({"name": " \t"}, "Enter a name."),
    ({"name": "x" * 101}, "longer than 100"),
    ({"host": ""}, "Enter the name of the directory server."),
    ({"host": " "}, "Enter the name of the directory server."),
    ({"host": "ldap://dc1.brightfield.example"}, "Host must be the server's name alone"),
    ({"host": "dc1.brightfield.example:"}, "Host must be the server's name alone"),
    ({"host": "dc1.brightfield.example:70000"}, "must be a number from 1 to 65535."),
    ({"host": ", ;"}, "Host is missing"),
    ({"host": "dc1.brightfield.example, reader@dc2"}, "without ldap:// before it: reader@dc2"),
    ({"host": "dc1.brightfield.example, dc2.brightfield.example:389"}, "dc2.brightfield.example: Port 389 is for"),
    ({"host": "192.0.2.10"}, "With TLS, Host must be the server's name"),
    ({"host": "2001:db8::1"}, "With TLS, Host must be the server's name"),
    ({"host": "[2001:db8::1]"}, "With TLS, Host must be the server's name"),
    ({"port": ""}, "Enter the port."),
    ({"port": "x"}, "A port is a number from 1 to 65535."),
    ({"port": "0"}, "A port is a number from 1 to 65535."),
    ({"port": "65536"}, "A port is a number from 1 to 65535."),
    ({"port": "-1"}, "A port is a number from 1 to 65535."),
    ({"port": "9" * 400}, "A port is a number from 1 to 65535."),
    ({"port": "389"}, "Port 389 is for StartTLS or none"),
    ({"tls": "rot13"}, "Not a valid choice."),
    ({"user_dn": ""}, "Enter who signs in with this password."),
    ({"user_dn": "x" * 1001}, "longer than 1000"),
    ({"password": ""}, "Enter the password of this account."),
    ({"password": "x" * 1001}, "longer than 1000"),
    ({"search_base": "x" * 1001}, "longer than 1000"),
    ({"filter": "department=Sales"}, "A filter stands in parentheses"),
    ({"filter": "(department=Sales"}, "A filter stands in parentheses"),
    ({"filter": "(a=b)(c=d)"}, "A filter stands in parentheses"),
    ({"filter": ")("}, "A filter stands in parentheses"),
    ({"filter": "(a=b))((c=d)"}, "A filter stands in parentheses"),
    ({"ca_pem": "no certificate"}, "This is not a certificate in PEM form"),
    (
        {"ca_pem": "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----"},
        "This is not a certificate in PEM form",
    ),
    ({"map_last_name": "sn)(cn=*"}, "is not the name of an attribute"),
    ({"group": "2"}, "Not a valid choice."),
    ({"interval": "1"}, "Not a valid choice."),
    ({"mode": "yolo"}, "Not a valid choice."),
    ({"grace_days": ""}, "Enter a number of days."),
    ({"grace_days": "366"}, "From 0 to 365 days."),
    ({"grace_days": "two"}, "From 0 to 365 days."),
    ({"guard_percent": "101"}, "From 0 to 100 %."),
    ({"guard_owned_from": "0"}, "From 1 to 1,000,000."),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(client: Browser, domain: Domain) -> None:
    factories.domain("other.example")  # Its group has the number 2.
    chosen = {"tls", "group", "interval", "mode", "password"}
    for typed, said in WRONG:
        refused = page(client.submit(NEW, **{**GOOD, **typed}), 422)
        ((field, value),) = typed.items()
        assert said in refused.error(field), typed
        form = refused.form()
        kept = {**GOOD, field: value if field not in chosen else form[field], "password": ""}
        if value.strip() == value:
            assert {name: form[name] for name in GOOD} == kept
    assert not sources.of_domain(domain.id)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"port": "636", "tls": "none"}, "Port 636 is for TLS: choose TLS (LDAPS), or port 389."),
        ({"port": "636", "tls": "starttls"}, "Port 636 speaks TLS from the first byte: choose TLS (LDAPS)."),
    ],
)
def test_a_port_that_does_not_fit_the_encryption_is_named(
    client: Browser, domain: Domain, typed: dict[str, str], said: str
) -> None:
    assert page(client.submit(NEW, **{**GOOD, **typed}), 422).error("port") == said
    assert not sources.of_domain(domain.id)


def test_at_least_one_kind_of_recipient_is_synced(client: Browser, domain: Domain) -> None:
    nothing = {name: value for name, value in GOOD.items() if not name.startswith("sync_")}
    refused = page(client.submit(NEW, **nothing), 422)
    assert refused.error("sync_people") == "Choose at least one kind of recipient."
    assert not sources.of_domain(domain.id)
