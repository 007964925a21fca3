"""The history of billable mailboxes: day by day, and by what they became more or fewer."""

import datetime as dt

import pytest

from console.core.person import Kind
from console.models import Domain, DomainDay, Run, db, now
from console.store import billing, recipients
from tests import factories
from tests.factories import manual_user
from tests.store.lists import listed
from tests.web.client import Browser
from tests.web.markup import Page
from tests.web.run_states import newest

PATH = f"/domains/{factories.DOMAIN}/users/billable"
TODAY = now().date()


@pytest.fixture
def company(domain: Domain) -> Run:
    """Three mailboxes and a resource, of which there were one mailbox and none the days before; the run of today."""
    for ago, billable in ((100, 7), (3, 1), (2, 1), (1, 0)):
        day = TODAY - dt.timedelta(days=ago)
        db.session.add(DomainDay(domain_id=domain.id, day=day, billable=billable, kinds={}, origins={}, accepted=1))
    db.session.commit()
    factories.users(domain, *(manual_user(f"u{n}") for n in range(3)), manual_user("room", kind=Kind.RESOURCE))
    return newest()


def rows(shown: Page) -> list[str]:
    """The days of the second table."""
    [table] = [item for item in shown.all("table") if "billable" in item.attributes.get("class", "").split()]
    return [line.text for line in table if line.tag == "tr"][1:]


def test_the_users_page_leads_to_it(client: Browser, company: Run) -> None:
    assert PATH in client.page(f"/domains/{factories.DOMAIN}/users").links()


def test_each_day_on_which_the_number_changed_says_by_what(client: Browser, domain: Domain, company: Run) -> None:
    recipients.delete(listed(domain)["u0"], None)
    recipients.delete(listed(domain)["room"], None)
    shown = client.page(PATH)
    yesterday = TODAY - dt.timedelta(days=1)
    assert rows(shown) == [
        f"{TODAY:%-d %B %Y} 2 +2 Deleted u0@brightfield.example no account, −1 for a test no account, +3",
        f"{yesterday:%-d %B %Y} 0 −1",
    ]
    assert f"/runs/{company.id}" in shown.links()
    assert "Now 2 of 2 users" in shown.text
    assert "Difference +1" in shown.text


def test_one_looks_as_far_back_as_one_likes(client: Browser, company: Run) -> None:
    assert "Difference −4" in client.page(f"{PATH}?days=365").text
    assert "Difference +2" in client.page(f"{PATH}?days=30").text
    assert client.page(f"{PATH}?days=7").one("days-title").text == "The last 90 days"


def test_a_list_that_never_changed_says_so(client: Browser, domain: Domain) -> None:
    assert "Nothing changed it" in client.page(PATH).text


def test_what_is_too_long_to_be_counted_is_told_without_its_number(
    client: Browser, company: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(billing, "MOST_CHANGES", 3)
    assert rows(client.page(PATH))[0].endswith("3 +3 for a test no account")


def test_viewers_see_it_and_strangers_do_not(viewer: Browser, stranger: Browser, company: Run) -> None:
    assert "Billable mailboxes" in viewer.page(PATH).text
    assert stranger.get(PATH).status_code == 404
