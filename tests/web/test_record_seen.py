"""Who sees what of the record in Activity, its filters and its file."""

import pytest
from flask import Flask

from console.models import Admin, Domain, Source
from tests import factories, recorded
from tests.factories import PASSWORD
from tests.web.client import Browser


@pytest.fixture
def eventful(client: Browser, viewer: Browser, stranger: Browser, domain: Domain) -> Source:
    """A source of the domain, a domain of Mallory's, and a denial of hers and one of Bob's."""
    source = factories.source(domain)
    stranger.get(f"/sources/{source.id}")
    viewer.submit(f"/domains/{domain.name}/delete")
    return source


@pytest.fixture
def signed_in(app: Flask, eventful: Source, bob: Admin, mallory: Admin) -> str:
    """Bob and Mallory sign in by the page; what that is on record as."""
    for person in (bob, mallory):
        Browser.of(app).submit("/login", email=person.email, password=PASSWORD)
    return recorded.last().text


def shown(browser: Browser, path: str) -> list[str]:
    return [cell.text for cell in browser.page(path).all("th") if cell.attributes.get("scope") == "row"]


def test_denials_and_others_sign_ins_are_for_owners(
    client: Browser, viewer: Browser, stranger: Browser, signed_in: str, domain: Domain
) -> None:
    added = ["Added the source Active Dir. · HQ", "Added the domain"]
    everything = shown(client, "/activity")
    assert everything[:2] == [signed_in] * 2
    assert len([text for text in everything if "may not see" in text or "only look at" in text]) == 2
    assert len(shown(client, "/activity?kind=denials")) == 2
    assert shown(viewer, "/activity")[0] == signed_in
    assert shown(viewer, "/activity")[1:] == [added[0], "Added the domain", "Added the domain"]
    assert shown(stranger, "/activity") == [signed_in, "Added the domain"]
    for browser in (viewer, stranger):
        assert not any("may not see" in text for text in shown(browser, "/activity?kind=denials"))
        assert shown(browser, "/activity?kind=sign_ins") == [signed_in]
        assert "may not see" not in browser.get("/activity.csv").text
    assert shown(viewer, f"/domains/{domain.name}/activity") == added
    assert len(shown(client, f"/domains/{domain.name}/activity")) == 4


@pytest.mark.usefixtures("eventful")
def test_the_record_is_filtered_and_goes_into_a_file_with_its_addresses(client: Browser, mallory: Admin) -> None:
    assert shown(client, "/activity?kind=settings&q=active dir") == ["Added the source Active Dir. · HQ"]
    assert shown(client, "/activity?who=MALLORY") == ["Asked for what they may not see: GET /sources/1"]
    assert shown(client, "/activity?kind=settings&q=100%25") == []
    assert shown(client, "/activity?until=2020-01-01") == []
    lines = client.get("/activity.csv?kind=denials&who=mallory").text.splitlines()
    assert lines[0].endswith(",address,changes,times")
    assert lines[1].split(",")[3:6] == ["hidden", "Asked for what they may not see: GET /sources/1", mallory.email]
    assert lines[1].endswith(",127.0.0.1,,1")
