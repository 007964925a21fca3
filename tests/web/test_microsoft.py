"""Sign in with Microsoft: the web process asks Microsoft nothing, a worker checks, and only accounts of here get in."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import psutil
import pytest
import requests
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from console import queue
from console.models import Admin, Role, db
from console.settings import Settings
from console.web import microsoft
from jobs import tasks
from tests import factories, tenants
from tests.servers.graph import GraphStandIn, Script
from tests.servers.graph.tenant import user
from tests.servers.pki import Pki
from tests.web.client import Browser
from tests.web.second_steps import turned_on
from tests.web.test_connections import watched

WAIT = "/login/microsoft/wait"
pytestmark = pytest.mark.usefixtures("operated")


@pytest.fixture
def ann(app: Flask) -> Admin:
    """An account with the address of somebody of the tenant."""
    return factories.admin("ann@brightfield.example", Role.ADMIN)


def at_microsoft(response: TestResponse, pki: Pki, **clicks: str) -> str:
    """What a person does there, in a browser; the address here to which they are sent back."""
    target = f"{response.location}&{urlencode(clicks)}"
    answer = requests.get(target, verify=str(pki.ca_file), allow_redirects=False, timeout=5)
    location = answer.headers["Location"]
    assert location.startswith(tenants.BASE)
    return location.removeprefix(tenants.BASE)


def worked_off(redis: Redis) -> None:
    """Do what is queued, as a worker does."""
    for job in queue.queues(redis)[0].jobs:
        assert job.func_name == "jobs.tasks.sign_in"
        tasks.sign_in(*job.args)
        job.delete()


def signed_in(browser: Browser, pki: Pki, redis: Redis, who: str, path: str = "/login/microsoft") -> TestResponse:
    """All of it; the answer of the page that waits."""
    assert browser.get(at_microsoft(browser.get(path), pki, who=who)).location == WAIT
    worked_off(redis)
    return browser.get(WAIT)


def refusal(response: TestResponse, browser: Browser) -> str:
    assert response.location.partition("?")[0] == "/login"
    return browser.page(response.location).text


def test_the_button_is_there_only_where_it_is_configured(app: Flask, anonymous: Browser, operated: Settings) -> None:
    assert "/login/microsoft" in anonymous.page("/login").links()
    assert "/login/microsoft?next=/domains" in anonymous.page("/login?next=/domains").links()
    app.extensions["settings"] = replace(operated, microsoft=replace(operated.microsoft, sign_in_tenant=""))
    assert "/login/microsoft" not in anonymous.page("/login").links()
    assert anonymous.get("/login/microsoft").status_code == 404


def test_an_account_of_here_gets_in_and_to_where_it_wanted(
    *, anonymous: Browser, pki: Pki, redis: Redis, ann: Admin
) -> None:
    response = signed_in(anonymous, pki, redis, ann.email, "/login/microsoft?next=/account")
    assert response.location == "/account"
    assert ann.email in anonymous.page("/account").text
    db.session.refresh(ann)
    assert ann.signed_in_at is not None


def test_the_page_waits_for_the_worker_and_asks_microsoft_nothing(
    *, anonymous: Browser, pki: Pki, redis: Redis, ann: Admin, valkey: object
) -> None:
    with watched() as seen:
        begun = anonymous.get("/login/microsoft")
    returned = at_microsoft(begun, pki, who=ann.email)
    with watched() as more:
        anonymous.get(returned)
        waiting = anonymous.page(WAIT)
    ports = {where[1] for event, where in (*seen, *more) if event == "socket.connect" and isinstance(where, tuple)}
    assert ports <= {redis.connection_pool.connection_kwargs["port"]}
    assert "Your sign-in at Microsoft is being checked." in waiting.text
    assert anonymous.get(WAIT).headers["Refresh"] == "1"
    assert anonymous.get("/account").location.startswith("/login"), "not yet"
    worked_off(redis)
    assert anonymous.get(WAIT).location == "/domains"
    assert anonymous.get(WAIT).location == "/login", "its answer is read once"


def test_the_worker_leaves_no_connection_open(
    *, anonymous: Browser, pki: Pki, redis: Redis, graph: GraphStandIn, ann: Admin
) -> None:
    signed_in(anonymous, pki, redis, ann.email)
    assert not [link for link in psutil.Process().net_connections() if link.raddr and link.raddr.port == graph.port]


def test_the_question_is_bound_to_a_proof_that_only_this_console_has(
    *, anonymous: Browser, pki: Pki, redis: Redis, ann: Admin
) -> None:
    sent = {
        name: values[0] for name, values in parse_qs(urlsplit(anonymous.get("/login/microsoft").location).query).items()
    }
    assert (sent["response_type"], sent["code_challenge_method"]) == ("code", "S256")
    assert sent["scope"] == "openid profile email"
    assert sent["redirect_uri"] == "https://console.example/login/microsoft/back"
    held = b" ".join(key + (redis.dump(key) or b"") for key in redis.scan_iter())
    assert sent["nonce"].encode() not in held
    returned = at_microsoft(anonymous.get("/login/microsoft"), pki, who=ann.email)
    anonymous.get(returned)
    code = parse_qs(urlsplit(returned).query)["code"][0]
    kept = b" ".join(redis.dump(key) or b"" for key in redis.scan_iter())
    assert code.encode() not in kept, "a job and its arguments hold no secret"


def test_nobody_else_gets_in_with_what_another_browser_brought_back(
    *, app: Flask, anonymous: Browser, pki: Pki, redis: Redis, ann: Admin
) -> None:
    victim = Browser.of(app)
    victim.get("/login/microsoft")
    returned = at_microsoft(anonymous.get("/login/microsoft"), pki, who=ann.email)
    assert "This sign-in was not begun here" in refusal(victim.get(returned), victim)
    assert "This sign-in was not begun here" in refusal(anonymous.get(returned), anonymous), "it was taken"
    assert queue.length(redis) == 0


def test_people_without_an_account_and_guests_stay_outside(
    *, anonymous: Browser, pki: Pki, redis: Redis, graph: GraphStandIn, alice: Admin
) -> None:
    said = refusal(signed_in(anonymous, pki, redis, "bob@brightfield.example"), anonymous)
    assert "There is no account for bob@brightfield.example in this console." in said
    guest = "alice_rollcall.example#EXT#@brightfield.onmicrosoft.com"
    graph.tenant.users.put(user("guest", factories.DOMAIN, userPrincipalName=guest, mail=alice.email))
    assert "You are a guest" in refusal(signed_in(anonymous, pki, redis, guest), anonymous)
    assert anonymous.get("/account").location.startswith("/login")


def test_an_address_beside_the_sign_in_name_counts_too(
    *, anonymous: Browser, pki: Pki, redis: Redis, graph: GraphStandIn, alice: Admin
) -> None:
    graph.tenant.users.put(user("alice.upn", factories.DOMAIN, mail=alice.email))
    assert signed_in(anonymous, pki, redis, "alice.upn@brightfield.example").location == "/domains"


def test_who_cancels_at_microsoft_is_told_so(anonymous: Browser, pki: Pki) -> None:
    returned = at_microsoft(anonymous.get("/login/microsoft"), pki, answer="cancel")
    assert "You were not signed in at Microsoft." in refusal(anonymous.get(returned), anonymous)


def test_a_code_that_microsoft_does_not_take_lets_nobody_in(
    *, anonymous: Browser, pki: Pki, redis: Redis, graph: GraphStandIn, ann: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    returned = at_microsoft(anonymous.get("/login/microsoft"), pki, who=ann.email)
    anonymous.get(returned)
    graph.reset(script=Script(aadsts="7000215"))
    worked_off(redis)
    assert "Microsoft did not confirm who you are." in refusal(anonymous.get(WAIT), anonymous)
    assert "the client secret is wrong" in caplog.text
    assert tenants.SECRET not in caplog.text


def test_when_no_worker_comes_to_it_in_time_it_ends_with_a_sentence_and_another_try(
    anonymous: Browser, pki: Pki, ann: Admin
) -> None:
    anonymous.get(at_microsoft(anonymous.get("/login/microsoft?next=/account"), pki, who=ann.email))
    assert "longer than usual" not in anonymous.page(WAIT).text
    let_pass(anonymous, microsoft.USUAL_SECONDS + 1)
    assert "It takes longer than usual" in anonymous.page(WAIT).text
    let_pass(anonymous, microsoft.PATIENCE_SECONDS)
    page = anonymous.page(anonymous.get(WAIT).location)
    assert "was not checked in time, since what checks it is busy" in page.text
    assert "/login/microsoft?next=/account" in page.links()


def let_pass(browser: Browser, seconds: float) -> None:
    """As if the person had waited so much longer."""
    with browser.session_transaction() as session:
        session["ticket"] = {**session["ticket"], "until": session["ticket"]["until"] - seconds}


def test_microsoft_is_the_first_step_alone_of_an_account_with_two(
    anonymous: Browser, pki: Pki, redis: Redis, ann: Admin
) -> None:
    phone = turned_on(ann)
    path = "/login/microsoft?next=/account"
    assert signed_in(anonymous, pki, redis, ann.email, path).location == "/login/second-step"
    assert anonymous.get("/account").status_code == 302
    assert anonymous.submit("/login/second-step", code=phone.code()).location == "/account"
