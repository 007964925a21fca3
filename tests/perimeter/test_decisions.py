"""The decision through both doors, on a real database: what holds, how soon, and what is written down."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain, db
from console.store import domains, recipients, rejections, roster
from tests import factories
from tests.factories import manual_user
from tests.perimeter.client import Client, connected, request
from tests.perimeter.conftest import served

HERE = "brightfield.example"


@pytest.mark.parametrize(
    "address", ["ada@brightfield.example", "A.L@bf.example", "ada+x@bf.example", "<ada@brightfield.example.>"]
)
def test_a_recipient_is_accepted(perimeter: Client, address: str) -> None:
    assert perimeter.policy(address) == "accept"
    assert perimeter.socketmap(address) == f"OK {address}"


@pytest.mark.parametrize("address", ["nobody@brightfield.example", "nobody@bf.example.", "x" * 65 + "@bf.example"])
def test_who_is_none_is_rejected(perimeter: Client, address: str) -> None:
    assert perimeter.policy(address) == "reject"
    assert perimeter.socketmap(address) == "NOTFOUND "


@pytest.mark.parametrize("address", ["ada@elsewhere.example", "postmaster", "x@[192.0.2.1]", ""])
def test_what_is_not_ours_is_left_to_the_mail_server(perimeter: Client, address: str) -> None:
    assert perimeter.policy(address) == "accept"
    assert perimeter.socketmap(address) == "NOTFOUND "


def test_a_part_of_an_address_is_in_no_list_in_any_mode(perimeter: Client, ours: Domain) -> None:
    domains.set_perimeter(ours, Mode.OFF)
    perimeter.becomes(f"nobody@{HERE}", "accept")
    assert perimeter.socketmap(f"@{HERE}") == perimeter.socketmap("ada") == "NOTFOUND "


def test_a_new_user_is_accepted_at_once_and_a_disabled_one_is_rejected_within_seconds(
    perimeter: Client, ours: Domain
) -> None:
    address = factories.address("new")
    assert perimeter.policy(address) == "reject"
    recipients.add(ours, None, address)
    assert perimeter.policy(address) == "accept"
    for act in (recipients.disable, recipients.delete):
        (user,) = roster.holding([address])
        act(user, None)
        perimeter.becomes(address, "reject")
        if act is recipients.disable:
            (user,) = roster.holding([address])
            recipients.enable(user, None)
            assert perimeter.policy(address) == "accept"


def test_a_change_of_the_domain_holds_within_seconds(perimeter: Client, ours: Domain) -> None:
    assert perimeter.policy("ada+x@bf.example") == "accept"
    domains.set_plus_tags(ours, False)
    perimeter.becomes("ada+x@bf.example", "reject")
    domains.add_alias(ours, "more.example")
    perimeter.becomes("nobody@more.example", "reject")
    assert perimeter.policy("ada@more.example") == "accept"
    for mode, answer in ((Mode.MONITOR, "accept"), (Mode.ENFORCE, "reject"), (Mode.OFF, "accept")):
        domains.set_perimeter(ours, mode)
        perimeter.becomes(f"nobody@{HERE}", answer)
    domains.delete(ours)
    perimeter.becomes(f"ada@{HERE}", "accept")


def test_a_tag_of_somebody_disabled_is_not_that_of_another(app: Flask, ours: Domain) -> None:
    factories.users(ours, manual_user("ada+news", None, status=Status.DISABLED))
    with served(app) as perimeter:
        assert (perimeter.policy(f"ada+news@{HERE}"), perimeter.policy(f"ada+x@{HERE}")) == ("reject", "accept")


def test_rejections_are_reported_when_the_perimeter_ends_and_in_between(app: Flask, ours: Domain) -> None:
    with served(app) as perimeter:
        for _ in range(3):
            perimeter.policy(f"nobody@{HERE}", sender="shop@x.example")
        perimeter.socketmap(f"nobody@{HERE}")
        perimeter.policy("x" * 65 + "@bf.example")
        perimeter.policy("nobody@elsewhere.example")
    row = rejections.find(ours.id, f"nobody@{HERE}")
    assert row is not None
    assert (row.times, row.senders, row.client) == (4, ["shop@x.example"], "192.0.2.7")
    assert rejections.totals(ours.id) == (1, 5)


def test_while_the_database_is_stuck_known_recipients_pass_and_the_others_wait_in_vain(
    app: Flask, perimeter: Client, ours: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.perimeter.lookup.ANSWER_WITHIN", 0.3)
    assert perimeter.policy(f"ada@{HERE}") == perimeter.policy("a.l@bf.example") == "accept"
    with db.engine.connect() as connection:
        # What asks the database waits for this lock.
        connection.execute(text("lock table addresses, domains in access exclusive mode"))
        assert perimeter.policy("a.l@bf.example") == "accept"
        assert perimeter.policy("ada+x@bf.example") == "accept"
        assert perimeter.policy(f"nobody@{HERE}") == ""
        assert perimeter.socketmap(f"nobody@{HERE}").startswith("TEMP ")
        time.sleep(2.1)
        assert perimeter.policy("nobody@elsewhere.example") == ""
        connection.rollback()
    perimeter.becomes(f"nobody@{HERE}", "reject")


def test_unknown_addresses_in_a_flood_are_asked_for_together(perimeter: Client, ours: Domain) -> None:
    def ask(worker: int) -> set[bytes]:
        with connected(perimeter.policy_port) as client:
            answers = set()
            for number in range(50):
                client.sendall(request(f"x{worker}-{number}@{HERE}"))
                answers.add(client.recv(1000))
            return answers

    with ThreadPoolExecutor(10) as workers:
        assert set().union(*workers.map(ask, range(10))) == {b"action=550 5.1.1 Invalid recipient\n\n"}
