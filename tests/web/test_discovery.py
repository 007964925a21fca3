"""Address Discovery: its page, and its switch."""

import datetime as dt

import pytest
from flask import Flask, template_rendered
from redis import Redis

from console import live, queue
from console.core.discovery import Ended, SightingState, Taking
from console.core.recipient import Mode
from console.models import Admin, Discovery, Domain, Role, Run, RunKind, db, now
from console.store import discovery, domains, runs, smtp
from tests import factories
from tests.web.client import Browser, page, same
from tests.web.listener import Listener
from tests.web.run_states import newest
from tests.web.sighted import PATH, ended, sighted, switched_on
from tests.web.test_smtp import document

TYPED = {"taking": "add", "ends": "14", "until": "", "needed": "1"}


def switch(domain: Domain) -> Discovery:
    found = discovery.of_domain(domain.id)
    assert found is not None
    return found


def test_the_page_is_in_the_menu_of_the_domain(client: Browser, domain: Domain) -> None:
    assert PATH in client.page("/domains/brightfield.example/users").links()


def test_it_says_what_it_is_for_and_what_it_needs(client: Browser, domain: Domain) -> None:
    shown = client.page(PATH)
    for words in (
        "Nothing is asked, and nothing is added",
        "change the MX records at once",
        "no way to keep a list",
        "counts as a billable mailbox",
        "Exchange Edge servers answer 250 for every address",
        "Set-RecipientFilterConfig",
        "The perimeter is off, so no mail is seen here",
    ):
        assert words in shown.text
    assert {f"{PATH[:-10]}/smtp/new", f"{PATH[:-10]}/settings#perimeter"} <= {
        link.replace("/discovery", "") for link in shown.links()
    }
    assert f"{PATH}/on" not in shown.actions()


def test_it_says_what_the_last_check_found(client: Browser, domain: Domain) -> None:
    factories.delivery_server(domain)
    assert "It has to refuse addresses that nobody has." in client.page(PATH).text
    run = checked(domain, "every_address")
    shown = client.page(PATH)
    assert "it accepts every address" in shown.text
    assert f"/runs/{run.id}" in shown.links()


def checked(domain: Domain, finding: str) -> Run:
    run = smtp.start_check(domain, None)
    runs.claim(run.id)
    smtp.note(run.id, document(finding), "asking")
    runs.succeed(run.id)
    db.session.commit()
    return run


def test_turning_it_on_starts_a_check_and_goes_to_its_page(
    client: Browser, redis: Redis, domain: Domain, alice: Admin
) -> None:
    factories.delivery_server(domain)
    answer = client.submit(f"{PATH}/on", **{**TYPED, "taking": "review", "ends": "30", "needed": "2"})
    run = newest()
    assert (answer.status_code, answer.location) == (302, f"/runs/{run.id}")
    assert (run.kind, run.admin) == (RunKind.CHECK, alice)
    assert [job.args for job in queue.queue(redis).jobs] == [(run.id,)]
    found = switch(domain)
    assert (found.state, found.taking, found.needed) == ("testing", Taking.REVIEW, 2)
    assert dt.timedelta(29) < found.ends_at - now() < dt.timedelta(30)
    assert "is turned on if this check ends well" in client.page(answer.location).text
    shown = client.page(PATH)
    assert "On as soon as the check of the mail servers has ended well" in shown.text
    assert f"/runs/{run.id}" in shown.links()


@pytest.mark.parametrize(
    ("ended", "said"),
    [(None, "Address Discovery is on now."), (Ended.EVERY_ADDRESS, "It was not turned on")],
)
def test_the_end_of_the_check_says_what_came_of_it(
    client: Browser, domain: Domain, ended: Ended | None, said: str
) -> None:
    factories.delivery_server(domain)
    client.submit(f"{PATH}/on", **TYPED)
    run = newest()
    runs.claim(run.id)
    smtp.note(run.id, document("every_address" if ended else "known_only"), "asking")
    runs.succeed(run.id)
    db.session.commit()
    discovery.tested(domain.id, run.id, ended)
    shown = client.page(f"/runs/{run.id}")
    assert said in shown.text
    assert PATH in shown.links()
    assert "Address Discovery is" not in client.page(f"/runs/{checked(domain, 'known_only').id}").text


def test_an_open_page_shows_what_was_settled_while_it_was_rendered(
    app: Flask, client: Browser, redis: Redis, domain: Domain
) -> None:
    factories.delivery_server(domain)
    client.submit(f"{PATH}/on", **TYPED)
    run = newest()
    runs.claim(run.id)
    smtp.note(run.id, document("known_only"), "asking")
    runs.succeed(run.id)
    db.session.commit()

    def settle(_: Flask, **__: object) -> None:
        discovery.settle()
        live.tick(redis, run.id, domain.id)

    with template_rendered.connected_to(settle, app), Listener(client, f"/runs/{run.id}/progress") as listener:
        assert "waits for what this check has found" in listener.html()
        assert "Address Discovery is on now." in listener.html()
        assert listener.rest() == ["end"]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"taking": "all"}, "taking", "Not a valid choice"),
        ({"ends": "7"}, "ends", "Not a valid choice"),
        ({"ends": "date"}, "until", "Choose the last day."),
        ({"ends": "date", "until": "soon"}, "until", "Choose the last day."),
        ({"ends": "date", "until": "2020-01-01"}, "until", "This day is over."),
        ({"ends": "date", "until": "9000-01-01"}, "until", "at most 365 days"),
        ({"needed": "0"}, "needed", "Enter a number from 1 to 10."),
        ({"needed": "x"}, "needed", "Enter a number from 1 to 10."),
    ],
)
@pytest.mark.parametrize("on", [False, True])
def test_a_wrong_choice_is_refused_beside_its_field(
    *, client: Browser, domain: Domain, typed: dict[str, str], field: str, message: str, on: bool
) -> None:
    if on:
        switched_on(domain)
    else:
        factories.delivery_server(domain)
    path = f"{PATH}/{'choices' if on else 'on'}"
    shown = page(client.submit(path, **{**TYPED, **typed}), 422)
    assert message in (shown.error(field) or shown.text)
    assert (switch(domain).needed if on else discovery.of_domain(domain.id)) == (1 if on else None)


def test_a_last_day_counts_to_its_end(client: Browser, domain: Domain) -> None:
    switched_on(domain)
    day = (now() + dt.timedelta(days=3)).date()
    client.act(f"{PATH}/choices", **{**TYPED, "ends": "date", "until": day.isoformat()})
    assert switch(domain).ends_at == dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    shown = client.page(PATH)
    assert f"on until {day:%-d %B %Y}" in shown.text
    assert shown.form(f"{PATH}/choices")["until"] == day.isoformat()


def test_choices_are_changed_while_it_is_on(client: Browser, domain: Domain) -> None:
    switched_on(domain)
    shown = client.act(f"{PATH}/choices", **{**TYPED, "taking": "review", "needed": "3"})
    assert "Saved." in shown.text
    assert "mail has come for 3 times" in shown.text
    assert (switch(domain).taking, switch(domain).needed) == ("review", 3)


def test_choices_of_one_that_has_ended_meanwhile_are_not_changed(client: Browser, domain: Domain) -> None:
    ended(domain, Ended.IN_TIME)
    assert "is not on any more" in client.act(f"{PATH}/choices", **{**TYPED, "needed": "3"}).text
    assert switch(domain).needed == 1


def test_it_is_turned_off_and_that_is_said(client: Browser, domain: Domain) -> None:
    switched_on(domain)
    shown = client.act(f"{PATH}/off")
    assert "Address Discovery is off. What it has found stays." in shown.text
    assert "It was turned off by hand." in shown.text
    assert "was off already" in client.act(f"{PATH}/off").text


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Ended.IN_TIME, "It has ended by itself, as planned."),
        (Ended.NO_SERVER, "No mail server could be reached"),
        (Ended.NOT_GOOD, "did not end well"),
    ],
)
def test_it_says_why_it_is_off(client: Browser, domain: Domain, why: Ended, said: str) -> None:
    ended(domain, why)
    shown = client.page(PATH)
    assert said in shown.text
    assert f"{PATH}/on" in shown.actions()


def test_what_an_accepting_server_brought_is_shown_for_review(client: Browser, domain: Domain) -> None:
    found = switched_on(domain)
    early = sighted(domain, "early", SightingState.ADDED)
    early.answered_at = now() - dt.timedelta(hours=30)
    found.tested_at = now() - dt.timedelta(hours=20)
    db.session.commit()
    sighted(domain, "late", SightingState.ADDED)
    discovery.turn_off(domain.id, Ended.EVERY_ADDRESS)
    shown = client.page(PATH)
    assert "accepts every address, so it cannot say who exists" in shown.text
    assert "1 address was added since the server last refused an address that nobody has." in shown.text
    assert [row.text.split("@")[0] for row in shown.all("tr")[1:]] == ["late"]
    assert len(client.page(f"{PATH}?list=added").all("tr")) == 3


@pytest.mark.parametrize(("mode", "said"), [(Mode.OFF, True), (Mode.MONITOR, False)])
def test_a_perimeter_that_is_off_is_said(client: Browser, domain: Domain, mode: Mode, said: bool) -> None:
    switched_on(domain)
    domains.set_perimeter(domain, mode)
    assert ("so no mail is seen here" in client.page(PATH).text) is said


def test_two_people_start_it_once(client: Browser, domain: Domain) -> None:
    factories.delivery_server(domain)
    client.submit(f"{PATH}/on", **TYPED)
    first = newest()
    answer = client.submit(f"{PATH}/on", **TYPED)
    assert (answer.location, newest().id) == (f"/runs/{first.id}", first.id)


def test_without_a_mail_server_it_is_not_started(client: Browser, domain: Domain) -> None:
    assert "There is no mail server to check." in client.act(f"{PATH}/on", **TYPED).text


def test_an_open_page_follows_what_mail_brings(client: Browser, redis: Redis, domain: Domain) -> None:
    switched_on(domain)
    with Listener(client, f"{PATH}/listing?list=added") as listener:
        assert same(listener.html()) == same(client.page(f"{PATH}?list=added").outer("discovery-listing"))
        sighted(domain, "ann", SightingState.ADDED)
        live.tick_domain(redis, domain.id)
        assert "ann@brightfield.example" in listener.html()
        discovery.turn_off(domain.id, Ended.IN_TIME)
        live.tick_domain(redis, domain.id)
        assert "It has ended by itself" in listener.html()
        listener.leave()
        live.tick_domain(redis, domain.id)


def test_whoever_loses_the_domain_is_shown_nothing_more(app: Flask, redis: Redis, domain: Domain) -> None:
    carol = factories.admin("carol@rollcall.example", Role.ADMIN, only=[domain])
    with Listener(Browser.of(app).signed_in(carol), f"{PATH}/listing") as listener:
        listener.html()
        carol.domains = []
        db.session.commit()
        live.tick_domain(redis, domain.id)
        assert listener.rest() == ["end"]


def test_the_users_page_says_what_becomes_of_other_mail(client: Browser, domain: Domain) -> None:
    path = "/domains/brightfield.example/users"
    assert "is accepted for now, since the perimeter is off" in client.page(path).text
    domains.set_perimeter(domain, Mode.MONITOR)
    assert "only monitors" in client.page(path).text
    domains.set_perimeter(domain, Mode.ENFORCE)
    assert "is rejected as “Invalid recipient”. " in f"{client.page(path).text} "
    switched_on(domain)
    assert "unless Address Discovery finds" in client.page(path).text


def test_a_profile_says_when_mail_first_came(client: Browser, domain: Domain) -> None:
    switched_on(domain)
    row = sighted(domain, "ann", SightingState.ADDED)
    shown = client.page(f"/users/{row.user_id}")
    assert "First seen just now, with mail from orders@" in shown.text
    [link] = [link for link in shown.links() if link.startswith(PATH) and "q=" in link]
    assert "ann@brightfield.example" in client.page(link.partition("#")[0]).all("tr")[1].text
