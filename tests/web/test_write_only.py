"""What is secret goes into the console and never out of it, and is gone with what it belonged to."""

import re
from collections.abc import Iterable

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from console import tokens
from console.models import Admin, AdminSession, Base, Domain, Passkey, RecoveryCode, SecondStep, Source, db
from console.passkeys import Made
from console.store import accounts, admins, half_sign_ins, passkeys, resets, sessions, sources
from tests import factories, watch
from tests.factories import SOURCE_PASSWORD
from tests.web.client import ELSEWHERE, Browser
from tests.web.second_steps import turned_on
from tests.web.test_routes import address, rows, rules  # noqa: F401 - a fixture

TENANT_SECRET = "value of the tenant's secret"
PASSWORD_FIELD, FILLED = re.compile(r'<input[^>]*type="password"[^>]*>'), re.compile(r'\bvalue="[^"]')
TOKENS = "tokens of the tenant, which open it"


def held(redis: Redis) -> str:
    """All that the database and Redis hold."""
    found = [str(row) for table in Base.metadata.sorted_tables for row in db.session.execute(table.select())]
    db.session.rollback()
    stored = [key + (redis.dump(key) or b"") for key in redis.scan_iter()]
    return "\n".join(found) + b"\n".join(stored).decode("latin-1")


def tenant(domain: Domain) -> Source:
    settings = {"tenant": "t", "client_id": "c", "credential": "secret", "cloud": "", "ca_pem": ""}
    return factories.source(domain, kind="office365", name="Sales", password=TENANT_SECRET, settings=settings)


@pytest.mark.usefixtures("rows")
def test_no_page_shows_a_stored_secret_nor_what_it_is_sealed_as(app: Flask, client: Browser, alice: Admin) -> None:
    watch.add(TENANT_SECRET)  # From here on each page that is fetched is searched for it, too (tests/watch.py).
    made = tenant(db.session.scalars(select(Domain).order_by(Domain.id)).first() or factories.domain())
    turned_on(alice)
    passkeys.add(alice, "Laptop", Made("credential-of-alice", "public-key-of-alice", 0), "handle-of-alice")
    sealed = [*db.session.scalars(select(Source.secret)), *db.session.scalars(select(SecondStep.secret))]
    hidden = [*sealed, *db.session.scalars(select(RecoveryCode.digest)), alice.password_hash, "public-key-of-alice"]
    paths = [address(app, name) for name, _ in rules(app) if name.startswith("GET ") and "static" not in name]
    for path in [*paths, f"/sources/{made.id}", f"/sources/{made.id}/edit"]:
        response = client.get(path)
        text = response.text
        response.close()
        assert not [item for item in hidden if item in text], path
        assert not [field for field in PASSWORD_FIELD.findall(text) if FILLED.search(field)], path


def test_a_source_that_is_deleted_leaves_no_secret(app: Flask, client: Browser, domain: Domain, redis: Redis) -> None:
    made = [factories.source(domain), tenant(domain)]
    for source in made:
        tokens.SealedTokens(redis, app.extensions["sealer"], source.id).save(TOKENS)
    sealed = list(db.session.scalars(select(Source.secret)))
    sealed += [kept(redis, source) for source in made]
    assert all(item in held(redis) for item in sealed), "they are there before"
    for source in made:
        assert client.submit(f"/sources/{source.id}/delete").status_code == 302
    gone(redis, [*sealed, SOURCE_PASSWORD, TENANT_SECRET, TOKENS])
    assert sources.get(1) is None


def test_a_domain_that_is_deleted_takes_the_secrets_of_its_sources_along(
    app: Flask, client: Browser, domain: Domain, redis: Redis
) -> None:
    source = tenant(domain)
    tokens.SealedTokens(redis, app.extensions["sealer"], source.id).save(TOKENS)
    sealed = [source.secret, kept(redis, source)]
    assert client.submit(f"/domains/{domain.name}/delete", confirm=domain.name, name=domain.name).status_code == 302
    assert db.session.scalars(select(Source.id)).all() == []
    gone(redis, sealed)


def test_an_account_that_is_removed_leaves_nothing_that_opens_it(
    app: Flask, alice: Admin, bob: Admin, redis: Redis
) -> None:
    phone = turned_on(bob)
    bob.password_hash = "the hash of a password that nobody else has"
    passkeys.add(bob, "Laptop", Made("credential-of-bob", "public-key-of-bob", 0), "handle-of-bob")
    opening = [sessions.begin(bob, ELSEWHERE), resets.make(bob), half_sign_ins.begin(bob, "/", "with a password")]
    digests = [*map(sessions.digest, opening), *db.session.scalars(select(RecoveryCode.digest))]
    sealed = [*db.session.scalars(select(SecondStep.secret)), bob.password_hash, "public-key-of-bob"]
    assert all(item in held(redis) for item in (*digests, *sealed)), "they are there before"
    accounts.remove(bob)
    gone(redis, [*digests, *sealed, *opening, phone.secret, *phone.recovery])
    for table in (SecondStep, RecoveryCode, Passkey, AdminSession):
        assert db.session.scalars(select(table)).all() == []
    assert admins.by_email("bob@rollcall.example") is None


def kept(redis: Redis, source: Source) -> str:
    """The tokens of a source as Redis has them."""
    found = redis.get(f"office365:tokens:{source.id}")
    assert isinstance(found, bytes)
    return found.decode()


def gone(redis: Redis, secrets: Iterable[str]) -> None:
    left = held(redis)
    assert [item for item in secrets if item in left] == []
