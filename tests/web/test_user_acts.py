"""What holds for every act on a user: it can be taken back, and it never overwrites another person's change."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from console.models import Domain, Run, RunKind, RunState, User, db
from tests.processes import until
from tests.web.client import Browser, page
from tests.web.profiles import core, undo

ACTS: list[tuple[str, dict[str, str]]] = [
    ("", {"first_name": "Augusta", "last_name": "King", "kind": "mailbox", "group": "1"}),
    ("/aliases", {"address": "new"}),
    ("/aliases/remove", {"address": "countess@brightfield.example"}),
    ("/primary", {"address": "countess@brightfield.example"}),
    ("/disable", {}),
    ("/exempt", {"on": "1"}),
    ("/delete", {}),
]


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_the_undo_of_every_act_queues_a_run_that_takes_it_back(
    client: Browser, ada: User, act: str, fields: dict[str, str]
) -> None:
    user_id = ada.id
    did = undo(client.act(f"/users/{user_id}{act}", **fields))
    shown = client.act(did)
    run = db.session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run is not None
    assert (run.kind, run.state, f"/runs/{run.undoes_id}/undo") == (RunKind.UNDO, RunState.QUEUED, did)
    assert "Waiting for a worker." in shown.text
    assert shown.all("h1")[0].text == f"Undo {run.id}"


@pytest.mark.parametrize(("act", "fields"), [*ACTS, ("/row", ACTS[0][1])])
def test_an_act_that_meets_another_persons_change_does_nothing_and_says_so(
    app: Flask, client: Browser, ada: User, act: str, fields: dict[str, str]
) -> None:
    """The page has read the user and waits for the domain, while somebody else's change is about to be committed."""
    user_id = ada.id
    answers: list[TestResponse] = []
    before = core(ada)
    db.session.execute(select(Domain.id).where(Domain.id == ada.domain_id).with_for_update())
    db.session.execute(update(User).where(User.id == user_id).values(last_name="Byron"))
    submit: Callable[[], None] = lambda: answers.append(client.submit(f"/users/{user_id}{act}", **fields))  # noqa: E731
    here = db.session.scalar(select(func.pg_backend_pid()))
    thread = threading.Thread(target=submit)
    thread.start()
    until(lambda: waits_for(app, here), "the page waits for the domain")
    db.session.commit()
    thread.join(20)
    assert core(ada) == replace(before, last_name="Byron")
    said = "The list changed in the meantime, so nothing was changed. Please try again."
    (answer,) = answers
    shown = page(answer, 422) if answer.status_code == 422 else client.page(answer.location)
    assert said in shown.text


def waits_for(app: Flask, holder: int | None) -> bool:
    """Whether another connection waits for a lock that this one holds: others of the database wait at times as well."""
    with app.app_context(), db.engine.connect() as connection:
        blocked = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
        return bool(connection.exec_driver_sql(blocked, (holder,)).scalar())
