"""Notices by mail, through a real SMTP server on loopback."""

import datetime as dt
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update

from console import queue
from console.microsoft import Microsoft
from console.models import Admin, Domain, Notice, NoticeKind, Source, db, now
from console.store import notices, sources
from jobs import clock, tasks
from jobs.worker import Worker
from tests import factories
from tests.servers.ports import LOOPBACK, free_port


class Inbox:
    """Keeps the mail that it gets; told to refuse, it answers 451."""

    def __init__(self) -> None:
        self.mail: list[EmailMessage] = []
        self.refuses = False
        self.url = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 4.3.0 come back later"
        self.mail.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    box = Inbox()
    server = Controller(box, hostname=LOOPBACK, port=free_port())
    server.start()
    box.url = f"smtp://{LOOPBACK}:{server.port}"
    yield box
    server.stop()


@pytest.fixture
def source(domain: Domain) -> Source:
    notices.set_addresses(domain, ["it@brightfield.example", "boss@brightfield.example"])
    return factories.source(domain)


@pytest.fixture
def mailing(app: Flask, inbox: Inbox) -> Iterator[Inbox]:
    """The application with the inbox as its relay."""
    usual = app.extensions["settings"]
    app.extensions["settings"] = factories.changed(
        usual, smtp_url=inbox.url, mail_from="rollcall@console.example", base_url="https://console.example"
    )
    yield inbox
    app.extensions["settings"] = usual


def work_off(app: Flask) -> None:
    """Do what is queued."""
    redis = app.extensions["redis"]
    worker = Worker([queue.queue(redis)], connection=redis)
    worker.app = app
    worker.work(burst=True, logging_level="WARNING")


def kinds() -> list[str]:
    return list(db.session.scalars(select(Notice.kind).order_by(Notice.id)))


def test_the_third_failure_in_a_row_is_told_once_and_the_recovery_too(source: Source) -> None:
    for _ in range(5):
        sources.failed(source.id, "dc1, port 636, does not answer.")
    assert kinds() == ["failing"]
    sources.succeeded(source.id)
    db.session.commit()
    assert kinds() == ["failing", "recovered"]
    assert source.failures == 0


def test_one_failure_and_a_success_are_nobodys_business(source: Source) -> None:
    sources.failed(source.id, "dc1 does not answer.")
    sources.succeeded(source.id)
    db.session.commit()
    assert kinds() == []


def test_a_source_in_trouble_is_tried_less_and_less_often_up_to_a_day(source: Source) -> None:
    waits = []
    for _ in range(12):
        sources.failed(source.id, "dc1 does not answer.")
        assert source.next_run_at is not None
        waits.append((source.next_run_at - now()) / dt.timedelta(minutes=60))
    assert waits[1] < 1.2, "the first two failures do not change the schedule"
    assert 1.9 < waits[2] < 2.3
    assert 3.9 < waits[3] < 4.5
    assert 23.9 < waits[11] < 26.5


def test_recovery_brings_the_usual_schedule_back(source: Source) -> None:
    for _ in range(6):
        sources.failed(source.id, "dc1 does not answer.")
    sources.succeeded(source.id)
    db.session.commit()
    assert source.next_run_at is not None
    assert source.next_run_at - now() < dt.timedelta(minutes=67)


def test_a_domain_without_addresses_gets_no_notices(domain: Domain) -> None:
    source = factories.source(domain)
    for _ in range(3):
        sources.failed(source.id, "dc1 does not answer.")
    assert kinds() == []


def test_the_clock_has_a_worker_send_the_mail(app: Flask, mailing: Inbox, source: Source) -> None:
    for _ in range(3):
        sources.failed(source.id, "dc1, port 636, does not answer.")
    clock.tick(app)
    work_off(app)
    (mail,) = mailing.mail
    assert mail["To"] == "it@brightfield.example, boss@brightfield.example"
    assert mail["Subject"] == "brightfield.example: Active Dir. · HQ cannot be read"
    text = mail.get_content()
    assert "dc1, port 636, does not answer." in text
    assert "https://console.example/domains/brightfield.example/sync" in text
    clock.tick(app)
    work_off(app)
    assert len(mailing.mail) == 1, "a notice is sent once"


def test_a_relay_that_refuses_is_tried_again_later(app: Flask, mailing: Inbox, source: Source) -> None:
    notices.note(NoticeKind.RECOVERED, source)
    db.session.commit()
    mailing.refuses = True
    notice_id = notices.due()[0]
    tasks.deliver(notice_id)
    assert notices.due() == [], "not at once"
    kept = db.session.get_one(Notice, notice_id, populate_existing=True)
    assert kept.sent_at is None
    assert "451" in kept.error
    mailing.refuses = False
    db.session.execute(update(Notice).values(next_try_at=now()))
    db.session.commit()
    tasks.deliver(notice_id)
    assert len(mailing.mail) == 1


def test_without_a_relay_nothing_is_sent_and_nothing_fails(app: Flask, source: Source) -> None:
    notices.note(NoticeKind.RECOVERED, source)
    db.session.commit()
    clock.tick(app)
    work_off(app)
    assert db.session.scalars(select(Notice.sent_at)).all() == [None]


def test_the_clock_has_people_told_that_a_secret_is_about_to_end(app: Flask, mailing: Inbox, source: Source) -> None:
    source.secret_expires_on = now().date() + dt.timedelta(days=7)
    sources.save(source)
    for _ in range(2):
        clock.tidy(app)
        clock.tick(app)
        work_off(app)
    (mail,) = mailing.mail
    assert mail["Subject"] == "brightfield.example: Active Dir. · HQ needs a new secret or certificate"
    assert "The client secret of the app expires in 7 days" in " ".join(mail.get_content().split())
    assert f"https://console.example/sources/{source.id}" in mail.get_content()


def test_old_notices_are_dropped(app: Flask, source: Source) -> None:
    for _ in range(2):
        notices.note(NoticeKind.RECOVERED, source)
    db.session.commit()
    db.session.execute(update(Notice).where(Notice.id == 1).values(created_at=now() - dt.timedelta(days=31)))
    db.session.commit()
    clock.tidy(app)
    assert db.session.scalars(select(Notice.id)).all() == [2]


def test_owners_get_a_mail_when_the_secret_of_the_consoles_own_app_is_about_to_end(
    app: Flask, mailing: Inbox, alice: Admin, bob: Admin
) -> None:
    day = now().date() + dt.timedelta(days=7)
    found = Microsoft(client_id="00001111-aaaa-2222-bbbb-3333cccc4444", credential="hush", expires_on=day)
    app.extensions["settings"] = factories.changed(app.extensions["settings"], microsoft=found)
    clock.tidy(app)
    clock.tick(app)
    work_off(app)
    (mail,) = mailing.mail
    assert mail["To"] == alice.email
    assert mail["Subject"] == "Rollcall needs a new secret or certificate at Microsoft"
    text = " ".join(mail.get_content().split())
    assert "The client secret of this console's own app at Microsoft expires in 7 days" in text
    assert "set MICROSOFT_CLIENT_SECRET and MICROSOFT_SECRET_EXPIRES" in text
    assert "hush" not in text
