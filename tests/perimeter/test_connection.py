"""How the doors treat clients that pipeline, hang, flood or talk nonsense; the decisions come from a script."""

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.core.recipient import Decision, Verdict
from jobs.perimeter import connection, server
from jobs.perimeter.dialect import Question, TroubleError
from jobs.perimeter.policy import Policy
from jobs.perimeter.server import Door, Server
from jobs.perimeter.socketmap import TEMP, Socketmap, netstring
from tests.perimeter.client import Client, connected, request, until_closed
from tests.processes import until
from tests.servers.ports import LOOPBACK

ACCEPT, REJECT = Decision(Verdict.ACCEPT, ""), Decision(Verdict.REJECT, "")
DUNNO, DENIED = b"action=DUNNO\n\n", b"action=550 5.1.1 Invalid recipient\n\n"


class Script:
    """Decides by the local part: known and unknown at once, later after a moment, never not at all."""

    def __init__(self) -> None:
        self.deciding = 0

    def at_once(self, question: Question) -> Decision | None:
        return {"known": ACCEPT, "unknown": REJECT}.get(question.recipient.partition("@")[0])

    async def decide(self, question: Question) -> Decision:
        self.deciding += 1
        try:
            local = question.recipient.partition("@")[0]
            if local == "never":
                await asyncio.sleep(3600)
            if local == "trouble":
                raise TroubleError("as told")
            if local == "bug":
                raise ZeroDivisionError
            await asyncio.sleep(random.random() / 100)
            return REJECT
        finally:
            self.deciding -= 1


class Running:
    """A server in a thread, and its two ports."""

    def __init__(self, limit: int) -> None:
        self.script = Script()
        self.loop = asyncio.new_event_loop()
        self.server = Server(self.script, limit=limit)
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        doors = [Door("policy", (LOOPBACK, 0), Policy), Door("socketmap", (LOOPBACK, 0), Socketmap)]
        self.policy, self.socketmap = self.call(self.server.open, doors)
        self.client = Client(self.policy, self.socketmap)
        self.looking = asyncio.run_coroutine_threadsafe(self.server.look_around(), self.loop)

    def call(self, work: Callable[..., object], *args: object) -> list[int]:
        return asyncio.run_coroutine_threadsafe(work(*args), self.loop).result(20)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.looking.cancel()
        self.call(self.server.close, 0.2)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


def sent_until_stuck(client: socket.socket, asked: bytes) -> int:
    """How many bytes a client gets rid of that reads nothing, until nobody takes any more."""
    sent = 0
    try:
        while sent < 100_000_000:
            sent += client.send(asked)
    except (TimeoutError, ConnectionError):
        pass
    return sent


@contextmanager
def running(limit: int = 1_000) -> Iterator[Running]:
    started = Running(limit)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    with running() as started:
        yield started


def test_many_questions_at_once_are_answered_in_their_order(served: Running) -> None:
    locals_ = ["known", "later", "unknown", "later", "known"] * 60
    said = served.client.raw(served.policy, b"".join(request(f"{local}@x") for local in locals_))
    assert said == b"".join(DUNNO if local == "known" else DENIED for local in locals_)
    asked = b"".join(netstring(f"m {local}@x".encode()) for local in ("later", "known", "trouble", "known"))
    assert served.client.raw(served.socketmap, asked) == b"9:NOTFOUND ,10:OK known@x," + TEMP + b"10:OK known@x,"


def test_a_connection_serves_one_question_after_the_other(served: Running) -> None:
    with connected(served.policy) as client:
        for local, answer in (("known", DUNNO), ("later", DENIED), ("known", DUNNO)) * 3:
            client.sendall(request(f"{local}@x"))
            assert client.recv(1000) == answer


@pytest.mark.parametrize("local", ["trouble", "bug"])
def test_in_trouble_the_policy_door_disconnects_without_an_answer(served: Running, local: str) -> None:
    asked = request("known@x") + request(f"{local}@x") + request("known@x")
    assert served.client.raw(served.policy, asked) == DUNNO
    assert served.client.raw(served.socketmap, netstring(f"m {local}@x".encode())) == TEMP


def test_a_client_of_another_protocol_is_disconnected_after_the_answers_before(served: Running) -> None:
    for door, good, answer in (
        (served.policy, request("later@x"), DENIED),
        (served.socketmap, netstring(b"m later@x"), b"9:NOTFOUND ,"),
    ):
        with connected(door) as client:
            client.sendall(good + b"GET / HTTP/1.1\r\n\n\n\n\n")
            assert until_closed(client) == answer


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.booleans(), st.integers(0, 3))
def test_any_bytes_get_one_answer_each_or_an_end_and_nobody_is_stuck(
    served: Running, more: bytes, policy: bool, before: int
) -> None:
    door = served.policy if policy else served.socketmap
    good = request("known@x") if policy else netstring(b"m known@x")
    answer = DUNNO if policy else b"10:OK known@x,"
    said = served.client.raw(door, good * before + more)
    assert said[: len(answer) * before] == answer * before
    assert served.client.raw(door, good) == answer


def test_a_client_that_reads_no_answers_is_not_listened_to_and_then_dropped(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HALFWAY", 0.1)
    asked = request("known@x") * 2_000
    with connected(served.policy) as client:
        client.settimeout(0.5)
        assert sent_until_stuck(client, asked) < 50_000_000
        until(lambda: served.server.connections == 0, "the client is dropped")


def test_a_client_that_asks_faster_than_it_is_answered_has_to_wait(served: Running) -> None:
    with connected(served.policy) as client:
        client.settimeout(0.3)
        assert sent_until_stuck(client, request("later@x") * 200) < 50_000_000
        assert served.script.deciding <= 1
        assert served.client.raw(served.policy, request("later@x")) == DENIED
    until(lambda: served.server.connections == 0, "a client that left is forgotten")


def test_half_a_question_and_an_idle_connection_are_not_kept_for_ever(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HALFWAY", 0.1)
    with connected(served.policy) as halfway, connected(served.policy) as idle, connected(served.policy) as waiting:
        halfway.sendall(b"request=smtpd_access_policy\n")
        waiting.sendall(request("never@x"))
        assert until_closed(halfway) == b""
        monkeypatch.setattr(Policy, "idle", 0.1)
        assert until_closed(idle) == b""
        assert served.server.connections == 1


def test_there_are_never_more_connections_than_the_limit() -> None:
    with running(limit=2) as few, connected(few.policy), connected(few.socketmap):
        until(lambda: few.server.connections == 2, "both are in")
        with connected(few.policy) as third:
            third.sendall(request("known@x"))
            assert until_closed(third) == b""
        assert few.server.connections == 2


def test_at_the_end_what_was_asked_is_answered_and_nobody_is_let_in() -> None:
    with running() as started, connected(started.policy) as client, connected(started.policy) as idle:
        client.sendall(request("later@x") * 10)
        until(lambda: started.server.connections == 2, "both are in")
        time.sleep(0.05)
        started.call(started.server.close, 5)
        assert until_closed(client) == DENIED * 10
        assert until_closed(idle) == b""
        with pytest.raises(ConnectionRefusedError), socket.create_connection((LOOPBACK, started.policy), 1):
            pass


def test_a_port_that_is_taken_is_an_error_and_leaves_no_door_open() -> None:
    with running() as started:
        doors = [Door("one", (LOOPBACK, 0), Policy), Door("two", (LOOPBACK, started.policy), Policy)]
        other = Server(started.script)
        with pytest.raises(OSError, match="address already in use"):
            started.call(other.open, doors)
        assert other.connections == 0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOOK_SECONDS", 0.05)
