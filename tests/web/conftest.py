"""The browsers of the other two people, and two users."""

import pytest
from flask import Flask

from console.models import Admin, Domain, User
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser
from tests.web.profiles import stored


@pytest.fixture
def viewer(app: Flask, bob: Admin) -> Browser:
    """Bob's browser: he may look at everything and change nothing."""
    return Browser.of(app).signed_in(bob)


@pytest.fixture
def stranger(app: Flask, mallory: Admin) -> Browser:
    """Mallory's browser: she is an admin of another domain alone."""
    return Browser.of(app).signed_in(mallory)


@pytest.fixture
def ada(domain: Domain) -> User:
    """A user added by hand, with two aliases."""
    return stored(domain, manual_user("ada", aliases=["a.l", "countess"], first_name="Ada", last_name="Lovelace"))


@pytest.fixture
def grace(domain: Domain) -> User:
    """A user of a source, with an alias of the directory's and one added by hand."""
    source = factories.source(domain)
    by_hand = frozenset({"g@brightfield.example"})
    return stored(domain, factories.user("grace", source_id=source.id, aliases=["hopper", "g"], by_hand=by_hand))
