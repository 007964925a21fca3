"""flask secrets: everything is sealed anew with the first key, while everything runs."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import event, select, update

from console import codes, tokens
from console.models import Admin, Base, Domain, Event, SecondStep, Source, db
from console.secrets import Sealer, new_key
from console.store import seals, two_steps
from tests import factories
from tests.cli.command_line import CommandLine
from tests.factories import SOURCE_PASSWORD
from tests.servers.ports import free_port
from tests.web.second_steps import App, turned_on

OLD, NEW, LOST = new_key(), new_key(), new_key()


@pytest.fixture(autouse=True)
def keys(app: Flask) -> Iterator[None]:
    """The keys of the operator: the new one in front of the old one."""
    settings, sealer = app.extensions["settings"], app.extensions["sealer"]
    app.extensions["settings"] = factories.changed(settings, sealing_keys=(NEW, OLD))
    app.extensions["sealer"] = Sealer((NEW, OLD))
    yield
    app.extensions.update(settings=settings, sealer=sealer)


def source(domain: Domain, key: str = OLD, **values: object) -> Source:
    return factories.source(domain, secret=Sealer((key,)).seal(SOURCE_PASSWORD), **values)


def phone(app: Flask, admin: Admin) -> App:
    """An app whose secret the old key seals."""
    made = turned_on(admin)
    db.session.execute(update(SecondStep).values(secret=Sealer((OLD,)).seal(made.secret)))
    db.session.commit()
    return made


def test_all_is_sealed_anew_and_opened_by_the_new_key_alone(
    app: Flask, flask: CommandLine, domain: Domain, alice: Admin, redis: Redis
) -> None:
    source(domain)
    source(domain, NEW, name="Branch")
    factories.source(domain, kind="office365", name="Connected", password="")
    made = phone(app, alice)
    tokens.SealedTokens(redis, Sealer((OLD,)), 1).save("tokens of the source")
    before = redis.ttl("office365:tokens:1")
    assert flask.json("secrets", "check", status=1) == {
        "sources": {"current": 1, "older": 1, "unopened": []},
        "apps": {"current": 0, "older": 1, "unopened": []},
        "done": False,
    }
    assert "keep the others, and run flask secrets rotate" in flask("secrets", "check", status=1).stdout
    assert flask.json("secrets", "rotate") == {
        "sources": {"resealed": 1, "current": 1, "changed": 0, "unopened": []},
        "apps": {"resealed": 1, "current": 0, "changed": 0, "unopened": []},
        "redis": 1,
        "done": True,
    }
    alone = Sealer((NEW,))
    assert [alone.unseal(sealed) for sealed in db.session.scalars(select(Source.secret).order_by(Source.id))] == [
        SOURCE_PASSWORD,
        SOURCE_PASSWORD,
        "",
    ]
    assert two_steps.take(alice.id, made.code(), alone)
    assert tokens.SealedTokens(redis, alone, 1).load() == "tokens of the source"
    assert 0 < redis.ttl("office365:tokens:1") <= before
    assert flask.json("secrets", "check")["done"] is True


def test_to_do_it_again_changes_nothing_and_says_that_old_keys_may_go(flask: CommandLine, domain: Domain) -> None:
    made = source(domain)
    assert "1 sealed anew, 0 were already" in flask("secrets", "rotate").stdout
    sealed = db.session.scalar(select(Source.secret))
    again = flask("secrets", "rotate").stdout
    assert "Passwords and secrets of sources: 0 sealed anew, 1 were already." in again
    assert "The other keys may be removed from SEALING_KEYS" in again
    db.session.refresh(made)
    assert made.secret == sealed


def test_that_keys_were_changed_is_on_record_also_when_something_is_left(flask: CommandLine, domain: Domain) -> None:
    source(domain)
    source(domain, LOST, name="Lost")
    flask("secrets", "rotate", status=1)
    told = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (told.who, told.topic, told.domain) == ("command line", "settings", "")
    assert told.text == "Sealed secrets anew with the first of SEALING_KEYS: 1 sealed; no key opens 1"


def test_with_one_key_there_is_none_to_remove(app: Flask, flask: CommandLine, domain: Domain) -> None:
    app.extensions["settings"] = factories.changed(app.extensions["settings"], sealing_keys=(NEW,))
    source(domain, NEW)
    assert "may be removed" not in flask("secrets", "rotate").stdout


def test_what_no_key_opens_is_named_and_the_rest_is_done(
    flask: CommandLine, domain: Domain, alice: Admin, app: Flask, redis: Redis
) -> None:
    lost = source(domain, LOST, name="Lost")
    good = source(domain)
    phone(app, alice)
    db.session.execute(update(SecondStep).values(secret=Sealer((LOST,)).seal(codes.new_secret())))
    db.session.commit()
    tokens.SealedTokens(redis, Sealer((LOST,)), 1).save("tokens of the source")
    told = flask("secrets", "rotate", status=1)
    assert (
        f"source {lost.id}, Active Dir. · Lost, of brightfield.example: no key of SEALING_KEYS opens it." in told.stderr
    )
    assert "the app of alice@rollcall.example: no key" in told.stderr
    db.session.refresh(good)
    assert Sealer((NEW,)).unseal(good.secret) == SOURCE_PASSWORD
    assert redis.exists("office365:tokens:1") == 0, "what is kept for a while is of no use any more"
    document = flask.json("secrets", "check", status=1)
    assert document["sources"] == {
        "current": 1,
        "older": 0,
        "unopened": [f"source {lost.id}, Active Dir. · Lost, of brightfield.example"],
    }


def test_a_password_that_somebody_enters_meanwhile_stays(app: Flask, domain: Domain) -> None:
    made = source(domain)
    entered = Sealer((OLD,)).seal("entered meanwhile")

    class Slow(Sealer):
        """While it seals anew, somebody enters another password on the source's page."""

        def reseal(self, sealed: str) -> str:
            with db.engine.begin() as other:
                other.execute(update(Source).where(Source.id == made.id).values(secret=entered))
            return super().reseal(sealed)

    found = seals.rotate(seals.SOURCES, Slow((NEW, OLD)))
    assert (found.resealed, found.changed) == (0, 1)
    db.session.refresh(made)
    assert made.secret == entered
    assert seals.look(seals.SOURCES, Sealer((NEW, OLD))).older == 1


def test_it_goes_in_batches_of_a_transaction_each(app: Flask, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    for number in range(5):
        source(domain, name=f"No {number}")
    written: list[str] = []

    def hear(*said: object) -> None:
        written.append(str(said[2]))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        found = seals.rotate(seals.SOURCES, Sealer((NEW, OLD)))
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert found.resealed == 5
    assert len([statement for statement in written if statement.startswith("UPDATE")]) == 3
    assert seals.look(seals.SOURCES, Sealer((NEW,))).current == 5


def test_when_redis_is_away_that_is_said_and_the_rows_are_done(app: Flask, flask: CommandLine, domain: Domain) -> None:
    source(domain)
    usual = app.extensions["redis"]
    app.extensions["redis"] = Redis(port=free_port())
    try:
        assert "Redis does not answer" in flask("secrets", "rotate", status=1).stderr
    finally:
        app.extensions["redis"] = usual
    assert seals.look(seals.SOURCES, Sealer((NEW,))).current == 1


def test_every_column_with_something_sealed_is_sealed_anew(app: Flask, domain: Domain, alice: Admin) -> None:
    """Whatever Fernet has made begins like this; a new column with it has to become a place of store.seals."""
    source(domain)
    phone(app, alice)
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(table.select()).mappings():
            found |= {f"{table.name}.{name}" for name, value in row.items() if str(value).startswith("gAAAA")}
    assert found == {f"{place.key.class_.__tablename__}.{place.sealed.key}" for place in seals.PLACES}
    named = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert {name for name in named if name.endswith(".secret")} == found
