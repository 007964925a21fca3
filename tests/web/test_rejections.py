"""The report of rejected recipients, and what one makes of them."""

import pytest

from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain, Rejection
from console.store import domains, rejections, users
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser

SHOP = "orders@shop.example"


def report(domain: Domain) -> str:
    return f"/domains/{domain.name}/rejected"


@pytest.fixture
def nobody(domain: Domain) -> Rejection:
    domains.set_perimeter(domain, Mode.ENFORCE)
    return factories.rejection(domain, "nobody", sender=SHOP, client="192.0.2.7", times=3)


def accepted(local: str) -> bool:
    user = users.recipient(factories.address(local))[1]
    return user is not None and user.status != Status.DISABLED


def test_an_empty_report_says_what_it_is_for(client: Browser, domain: Domain) -> None:
    text = client.page(report(domain)).text
    assert "Nothing was rejected yet" in text
    assert "The perimeter is off for this domain" in text


def test_a_row_says_who_wrote_from_where_and_how_often(client: Browser, domain: Domain, nobody: Rejection) -> None:
    shown = client.page(report(domain))
    row = shown.all("tr")[1].text
    for part in ("nobody@brightfield.example", "3", SHOP, "192.0.2.7"):
        assert part in row
    assert "1 address" in shown.text
    assert "The perimeter is off" not in shown.text


def test_it_is_searched_and_sorted(client: Browser, domain: Domain, nobody: Rejection) -> None:
    factories.rejection(domain, "latest")

    def rows(query: str) -> list[str]:
        return [row.text.split("@")[0] for row in client.page(report(domain) + query).all("tr")[1:]]

    assert rows("") == ["latest", "nobody"]
    assert rows("?order=times") == ["nobody", "latest"]
    assert rows("?q=SHOP.example") == ["nobody"]
    assert "Nothing matches" in client.page(report(domain) + "?q=%00qqq").text
    for page in ("0", "-1", "x", "999999999999"):
        client.page(f"{report(domain)}?page={page}&order=x&ignored=x")


def test_what_only_is_counted_is_said_in_numbers(
    client: Browser, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.rejection(domain, "first")
    monkeypatch.setattr(rejections, "LIMIT", 1)
    with pytest.raises(AssertionError):  # It has found no room.
        factories.rejection(domain, "second", times=2)
    assert "1 address, and 2 more mails to addresses that are only counted" in client.page(report(domain)).text


def test_an_address_becomes_a_user(client: Browser, domain: Domain, nobody: Rejection) -> None:
    shown = client.act(f"/rejected/{nobody.id}/add")
    assert shown.all("h1")[0].text == "nobody@brightfield.example"
    assert "is a user now" in shown.text
    assert accepted("nobody")
    assert rejections.find(domain.id, "nobody@brightfield.example") is None


def test_an_address_that_somebody_got_meanwhile_is_said(client: Browser, domain: Domain, nobody: Rejection) -> None:
    factories.users(domain, manual_user("nobody"))
    assert "nobody@brightfield.example" in client.act(f"/rejected/{nobody.id}/add").text
    assert rejections.find(domain.id, "nobody@brightfield.example") is not None


def test_an_address_becomes_the_alias_of_a_user_who_is_looked_for(
    client: Browser, domain: Domain, nobody: Rejection
) -> None:
    ada, _ = factories.users(domain, manual_user("ada", first_name="Ada"), manual_user("bob"))
    path = f"/rejected/{nobody.id}/alias"
    assert path in client.page(report(domain)).links()
    assert client.page(path).all("table") == []
    found = client.page(f"{path}?q=Ada")
    assert [row.text.split()[0] for row in found.all("tr")[1:]] == ["ada@brightfield.example"]
    assert found.form(path) == {"csrf_token": client.token(path), "user": str(ada)} or path in found.actions()
    assert "Nobody matches" in client.page(f"{path}?q=zzz").text
    shown = client.act(path, user=str(ada))
    assert "nobody@brightfield.example is an address of ada@brightfield.example now." in shown.text
    assert users.recipient(factories.address("nobody"))[1] == users.holder(factories.address("ada"))
    assert "Undo" in shown.text


@pytest.mark.parametrize("user", ["", "0", "-1", "x", "9" * 30, "other"])
def test_only_a_user_of_the_domain_gets_it(client: Browser, domain: Domain, nobody: Rejection, user: str) -> None:
    (other,) = factories.users(factories.domain("other.example"), manual_user("eve@other.example"))
    shown = client.act(f"/rejected/{nobody.id}/alias", user=str(other) if user == "other" else user)
    assert "Choose the user who is to get this address." in shown.text
    assert not accepted("nobody")


def test_an_address_is_ignored_and_shown_again(client: Browser, domain: Domain, nobody: Rejection) -> None:
    shown = client.act(f"/rejected/{nobody.id}/ignore", on="1")
    assert "Its mail is still rejected" in shown.text
    assert "Nothing is open" in shown.text
    hidden = client.page(f"{report(domain)}?ignored=1")
    assert "nobody@brightfield.example" in hidden.text
    assert not accepted("nobody")
    again = client.act(f"/rejected/{nobody.id}/ignore", on="0")
    assert "nobody@brightfield.example is shown again." in again.text
    assert len(again.all("tr")) == 2


def test_what_a_stranger_wrote_into_mail_is_only_text(client: Browser, domain: Domain) -> None:
    factories.rejection(domain, '"<script>x"', sender="<img src=//evil.example>", client="<b>")
    shown = client.page(report(domain))
    assert "<img src=//evil.example>" in shown.text
    assert all(script.attributes.get("src", "").startswith("/static/") for script in shown.all("script"))
