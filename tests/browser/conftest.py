"""One deployment for all browser tests: web and worker as processes, a real directory, and headless Chromium."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from console import create_app
from console.models import WORKING, Admin, Domain, Run, RunState, db
from console.settings import Settings
from tests import databases, factories
from tests.conftest import empty
from tests.processes import Deployment, Web, until
from tests.servers import people
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK
from tests.servers.postgres import Postgres
from tests.servers.proxy import TcpProxy
from tests.servers.slapd import Slapd, slapd_available
from tests.web import client

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PEOPLE = 1200
"""Entries of the directory, so that it is read in three pages; every tenth of them is disabled."""

SETTLED = 30_000
"""Milliseconds that a page may take to show what is expected, on a machine that has much else to do."""

SETUP_TOKEN = "the-token-of-the-browser-tests-7d0a"
"""With it the first account of the site is made in the browser, while there is none."""

expect.set_options(timeout=SETTLED)

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason=f"there is no {CHROMIUM}"))


@dataclass
class Complaints:
    """What a browser complains about, and what it asks other hosts for: any of it fails the test."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """What a test brings about on purpose."""
        self.expected.append(pattern)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", lambda said: self._hear(said.text) if said.type in ("error", "warning") else None)
        context.on("weberror", lambda failure: self._hear(str(failure.error)))
        context.on("request", lambda request: self._ask(request.url))

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in self.expected)]

    def _hear(self, text: str) -> None:
        self.heard.append(text)

    def _ask(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname != LOOPBACK:
            self.heard.append(f"asked another host: {url}")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    quiet += ["--disable-gpu"]  # There is none, and to draw as if there were takes a process of its own more work.
    return {"executable_path": CHROMIUM, "chromium_sandbox": False, "args": quiet}


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("browser-pki"))


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    """PEOPLE in example.test. Not to be changed."""
    if not slapd_available():
        pytest.skip("slapd is not installed")
    with Slapd.start(tmp_path_factory.mktemp("browser-slapd"), pki, people.many_people(PEOPLE)) as server:
        yield server


@pytest.fixture
def slow(directory: Slapd) -> Iterator[TcpProxy]:
    """A way to the directory that can be slowed down: by 0.05 a chunk, reading takes some three seconds."""
    with TcpProxy.start(directory.tls_port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def deployment(
    postgres: Postgres, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    template = databases.template(postgres, settings)
    with ExitStack() as stack:
        own = stack.enter_context(databases.copy_of(template, postgres, settings))
        # Its worker lives on after these tests and would take the jobs of others: they are in another one.
        own = replace(own, redis_url=f"{own.redis_url.removesuffix('/0')}/1")
        yield stack.enter_context(Deployment(own, tmp_path_factory.mktemp("browser-processes")))


@pytest.fixture(scope="session")
def site(deployment: Deployment) -> Web:
    """The web process, with a worker behind it."""
    deployment.worker()
    return deployment.web(SETUP_TOKEN=SETUP_TOKEN)


@pytest.fixture(scope="session")
def own_app(deployment: Deployment) -> Iterator[Flask]:
    app = create_app(deployment.settings)
    yield app
    with app.app_context():
        databases.close(app)


@pytest.fixture
def app(own_app: Flask, site: Web) -> Iterator[Flask]:
    """The application that the processes serve, in its context, emptied once no run of an earlier test is at work."""
    with own_app.app_context():
        until(lambda: not _at_work(), "the runs of the test before have ended", 30)
        empty()
        yield own_app
        db.session.rollback()
        db.session.remove()


def _at_work() -> bool:
    found = db.session.scalar(select(Run.id).where(Run.state.in_({*WORKING, RunState.QUEUED})).limit(1))
    db.session.rollback()
    return found is not None


@pytest.fixture
def domain(app: Flask) -> Domain:
    """The domain of the directory's people."""
    return factories.domain("example.test")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    found = Complaints()
    yield found
    assert found.unexpected() == []


@pytest.fixture
def open_page(browser: Browser, site: Web, app: Flask, complaints: Complaints) -> Iterator[OpenPage]:
    """Opens a window of its own, in which somebody is signed in unless told otherwise."""
    contexts: list[BrowserContext] = []

    def window(admin: Admin | None = None, base_url: str = site.url, **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = browser.new_context(base_url=base_url, **options)
        contexts.append(context)
        complaints.listen(context)
        context.set_default_timeout(SETTLED)
        if admin is not None:
            cookie = client.Browser.of(app).signed_in(admin).get_cookie("session")
            assert cookie is not None
            context.add_cookies([{"name": "session", "value": cookie.value, "url": base_url}])
        return context.new_page()

    yield window
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage, alice: Admin) -> Page:
    """A window in which Alice is signed in."""
    return open_page(alice)
