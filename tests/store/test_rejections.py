"""The report of rejected recipients: bounded however much comes, and added up however many write it."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from console.core.rejections import Tally
from console.models import Admin, Domain, Rejection, db, now
from console.store import domains, rejections
from console.store.rejections import Order
from tests import factories


def write(domain: Domain, *addresses: str | None, sender: str = "", client: str = "", would: bool = False) -> None:
    tally = Tally()
    for address in addresses:
        tally.note(domain.id, address, sender=sender, client=client, would=would, at=now())
    rejections.record(tally.take())


def told(domain: Domain) -> dict[str, int]:
    rows = db.session.execute(select(Rejection.address, Rejection.times).where(Rejection.domain_id == domain.id))
    return {address: times for address, times in rows if times}


def test_mail_for_one_address_adds_up_in_one_row(domain: Domain) -> None:
    write(domain, "nobody@y", "nobody@y", sender="a@x", client="192.0.2.1")
    write(domain, "nobody@y", sender="b@x", would=True)
    for number in range(5):
        write(domain, "nobody@y", sender=f"{number}@x")
    row = rejections.find(domain.id, "nobody@y")
    assert row is not None
    assert (row.times, row.client, row.would) == (8, "192.0.2.1", False)
    assert row.senders == ["4@x", "3@x", "2@x", "1@x", "0@x"]
    assert row.first_at < row.last_at
    assert rejections.totals(domain.id) == (1, 8)


def test_there_are_never_more_rows_than_the_limit(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejections, "LIMIT", 3)
    write(domain, "a@y", "b@y", "b@y", None)
    write(domain, "b@y", "c@y", "c@y", "d@y", "e@y", "e@y", "e@y")
    assert told(domain) == {"a@y": 1, "b@y": 3, "e@y": 3, "": 4}
    write(domain, "f@y", "a@y")
    assert told(domain) == {"a@y": 2, "b@y": 3, "e@y": 3, "": 5}
    assert rejections.totals(domain.id) == (3, 13)


def test_what_belongs_to_a_deleted_domain_is_left_out(domain: Domain) -> None:
    other, tally = factories.domain("other.example"), Tally()
    for number in (domain.id, other.id, 999):
        tally.note(number, "nobody@y", sender="", client="", would=False, at=now())
    domains.delete(domain)
    rejections.record(tally.take())
    assert [row.domain_id for row in db.session.scalars(select(Rejection).where(Rejection.address != ""))] == [other.id]


def test_what_a_client_made_up_is_stored_as_it_can_be(domain: Domain) -> None:
    write(domain, "nobody@y", sender="a\x00\ud800@x", client="\x00")
    row = rejections.find(domain.id, "nobody@y")
    assert row is not None
    assert row.senders == ["a\N{REPLACEMENT CHARACTER}?@x"]


def test_two_who_write_at_the_same_time_lose_nothing_and_keep_the_limit(
    app: Flask, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejections, "LIMIT", 20)
    domain_id = domain.id

    def work(writer: int) -> None:
        with app.app_context():
            for step in range(10):
                tally = Tally()
                for number in range(10):
                    address = f"{writer}-{step}-{number}@y"
                    tally.note(domain_id, address, sender="", client="", would=False, at=now())
                rejections.record(tally.take())

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rejections.totals(domain_id) == (20, 200)


def test_a_page_is_searched_sorted_and_cut(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejections, "PAGE", 2)
    write(domain, "a@y", "a@y", "a@y", sender="Shop@x")
    write(domain, "b@y")
    write(domain, "c@y", "c@y", None)
    ignored = rejections.find(domain.id, "b@y")
    assert ignored is not None

    def shown(**values: object) -> list[str]:
        return [row.address for row in rejections.page(domain.id, **values).rows]  # type: ignore[arg-type]

    assert (shown(), shown(number=2)) == (["c@y", "b@y"], ["a@y"])
    assert shown(order=Order.TIMES) == ["a@y", "c@y"]
    assert (shown(q="SHOP"), shown(q="b@"), shown(q="%")) == (["a@y"], ["b@y"], [])
    rejections.ignore(ignored, True)
    page = rejections.page(domain.id)
    assert ([row.address for row in page.rows], page.total, page.ignored, page.others) == (["c@y", "a@y"], 2, 1, 1)
    assert not page.further
    assert shown(ignored=True) == ["b@y"]
    rejections.drop(ignored)
    assert shown(ignored=True) == []


def test_what_nobody_asked_for_in_a_long_time_is_dropped(domain: Domain) -> None:
    write(domain, "old@y", "new@y")
    long_ago = now() - rejections.KEPT - dt.timedelta(minutes=1)
    db.session.execute(update(Rejection).where(Rejection.address == "old@y").values(last_at=long_ago))
    rejections.forget()
    assert told(domain) == {"new@y": 1}


def test_a_row_is_for_who_may_see_its_domain(domain: Domain, alice: Admin, mallory: Admin) -> None:
    write(domain, "nobody@y", None)
    ids = {row.address: row.id for row in db.session.scalars(select(Rejection))}
    assert rejections.visible(alice, ids["nobody@y"]) is not None
    assert rejections.visible(mallory, ids["nobody@y"]) is None
    assert rejections.visible(alice, ids[""]) is None
    assert db.session.scalar(select(func.count()).select_from(Rejection)) == 2
