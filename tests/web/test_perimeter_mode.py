"""What mail servers are told of a domain, in its settings."""

import pytest

from console.core.recipient import Mode
from console.models import Domain
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser, page


def test_it_begins_off_and_is_changed(client: Browser, domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    path = f"/domains/{domain.name}/perimeter"
    assert domain.perimeter_mode == Mode.OFF
    assert "1 address is on the list and accepted." in client.page(f"/domains/{domain.name}/settings").text
    for mode, said in (("monitor", "the report shows what would be rejected"), ("enforce", "rejected from now on")):
        shown = client.act(path, mode=mode)
        assert said in shown.text
        assert domain.perimeter_mode == mode
        checked = [item for item in shown.all("input") if {"checked", "id"} <= set(item.attributes)]
        assert [item.attributes["value"] for item in checked] == ["y", mode]


def test_a_list_of_nobody_is_enforced_only_by_somebody_who_is_sure(client: Browser, domain: Domain) -> None:
    path = f"/domains/{domain.name}/perimeter"
    refused = page(client.submit(path, mode="enforce"), 422)
    assert "The list accepts 0 addresses: all mail to brightfield.example would be rejected." in refused.error("mode")
    assert refused.form(f"/domains/{domain.name}/plus-tags")["plus_tags"] == "y"
    assert domain.perimeter_mode == Mode.OFF
    client.act(path, mode="enforce", sure="y")
    assert domain.perimeter_mode == Mode.ENFORCE


@pytest.mark.parametrize("mode", ["", "on"])
def test_what_is_no_mode_is_said(client: Browser, domain: Domain, mode: str) -> None:
    assert page(client.submit(f"/domains/{domain.name}/perimeter", mode=mode), 422).error("mode")
    assert domain.perimeter_mode == Mode.OFF


def test_the_settings_lead_to_the_report_with_its_numbers(client: Browser, viewer: Browser, domain: Domain) -> None:
    factories.rejection(domain, times=4)
    domains.set_perimeter(domain, Mode.MONITOR)
    shown = client.page(f"/domains/{domain.name}/settings")
    assert "4 mails so far came for 1 other address." in shown.text
    assert f"/domains/{domain.name}/rejected" in shown.links()
    assert "The perimeter monitors" in viewer.page(f"/domains/{domain.name}/settings").text
