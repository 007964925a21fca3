"""Would mail to an address be accepted? What the perimeter says of it, in words."""

from urllib.parse import quote

import pytest

from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser
from tests.web.sighted import switched_on


@pytest.fixture
def path(domain: Domain) -> str:
    domains.add_alias(domain, "b-group.example")
    factories.users(
        domain,
        manual_user("ada", aliases=["countess"]),
        manual_user("gone", status=Status.MISSING, missing_since=factories.NOW),
        manual_user("out", status=Status.DISABLED, reason="Disabled by hand."),
    )
    domains.set_perimeter(domain, Mode.ENFORCE)
    return f"/domains/{domain.name}/accepted?address="


YES, NO = "yes {} would be accepted. ", "no {} would not be accepted. "
ADA = "ada@brightfield.example"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ada", f"{YES.format(ADA)}It is the address of the user {ADA}. Open {ADA}"),
        ("ADA@Brightfield.example", "Capital letters make no difference."),
        ("ada+news", f"Without its tag it is the address of the user {ADA}."),
        ("countess", f"It is an alias of the user {ADA}."),
        ("ada@b-group.example", "b-group.example is another name of brightfield.example."),
        ("gone", "who is missing from the source since 2026-03-02 and still accepted."),
        ("out", f"{NO.format('out@brightfield.example')}Invalid recipient: it is the address of the user out@"),
        ("nobody", f"{NO.format('nobody@brightfield.example')}Invalid recipient: no user of brightfield.example has"),
        ("x" * 70, "This is no mail address that anybody can have."),
        ("ada@other.example", "This is no address of brightfield.example, so the list of brightfield.example says"),
        ("@", "This is no address of brightfield.example"),
        ("x@@", "This is no address of brightfield.example"),
    ],
)
def test_an_address_is_tried_as_a_mail_server_would(client: Browser, path: str, typed: str, said: str) -> None:
    assert said in client.page(path + quote(typed)).one("acceptance-answer").text


@pytest.mark.parametrize(
    ("mode", "said"), [(Mode.OFF, "The perimeter is off for this domain"), (Mode.MONITOR, "only monitors this domain")]
)
def test_a_perimeter_that_does_not_enforce_accepts_whatever_the_list_says(
    client: Browser, path: str, domain: Domain, mode: Mode, said: str
) -> None:
    domains.set_perimeter(domain, mode)
    for typed in ("nobody", "out"):
        text = client.page(path + typed).one("acceptance-answer").text
        assert text.startswith(YES.format(f"{typed}@brightfield.example")[:-1])
        assert said in text


def test_while_addresses_are_discovered_a_no_is_not_the_last_word(client: Browser, path: str, domain: Domain) -> None:
    switched_on(domain)
    first = "While Address Discovery is on, your mail server is asked first"
    assert first in client.page(path + "nobody").one("acceptance-answer").text
    for typed in ("ada", "out"):
        assert first not in client.page(path + typed).one("acceptance-answer").text


def test_without_plus_tags_a_tag_makes_another_address(client: Browser, path: str, domain: Domain) -> None:
    domains.set_plus_tags(domain, False)
    assert client.page(path + "ada%2Bnews").one("acceptance-answer").text.startswith("no ada+news@")


def test_where_the_perimeter_is_set_up_an_address_can_be_tried(client: Browser, path: str, domain: Domain) -> None:
    for page in ("settings", "smtp"):
        assert path.partition("?")[0] in client.page(f"/domains/{domain.name}/{page}").links()


def test_nothing_typed_is_no_question(client: Browser, path: str) -> None:
    assert client.page(path).one("acceptance-answer").text == ""


def test_the_profile_says_it_of_each_address_and_takes_the_answer_of_the_page(
    client: Browser, path: str, domain: Domain
) -> None:
    shown = client.page("/users/1")
    addresses = shown.one("addresses").parent
    assert addresses is not None
    assert addresses.parent is not None
    assert "ada@brightfield.example accepted It is the address of this user." in addresses.parent.text
    assert "countess@brightfield.example accepted It is an alias of this user." in addresses.parent.text
    assert shown.form(path.partition("?")[0]) == {"address": ""}
    assert shown.one("acceptance-answer").text == ""
    rejected = client.page("/users/3").one("addresses").parent
    assert rejected is not None
    assert rejected.parent is not None
    assert "out@brightfield.example rejected Invalid recipient" in rejected.parent.text
