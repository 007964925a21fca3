"""The browsers of the other two people."""

import pytest
from flask import Flask

from console.models import Admin
from tests.web.client import Browser


@pytest.fixture
def viewer(app: Flask, bob: Admin) -> Browser:
    """Bob's browser: he may look at everything and change nothing."""
    return Browser.of(app).signed_in(bob)


@pytest.fixture
def stranger(app: Flask, mallory: Admin) -> Browser:
    """Mallory's browser: she is an admin of another domain alone."""
    return Browser.of(app).signed_in(mallory)
