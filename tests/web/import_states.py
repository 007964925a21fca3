"""Imports as a worker leaves them, for the tests of their pages."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from console.core.person import Reject
from console.core.plan import Action, Plan, Step
from console.models import Admin, Domain, Run
from console.store import domains, runs, uploads
from tests import factories
from tests.web.client import Browser

FILE = b"address,first name\r\nada,Ada\r\nbob,Bob\r\n"
STAYS = "{0} comes from Active Dir. · HQ, which keeps it up to date."
COLUMNS = [
    {"index": 0, "name": "Display name", "meaning": "name", "samples": ["Ada Lovelace", "Bob Ray"]},
    {"index": 1, "name": "User principal name", "meaning": "address", "samples": ["ada@brightfield.example"]},
    {"index": 2, "name": "", "meaning": "ignore", "samples": []},
]


def file(content: bytes = FILE, name: str = "users.csv") -> tuple[BytesIO, str]:
    """A file as a form sends it."""
    return BytesIO(content), name


def send(
    browser: Browser, path: str, content: bytes, headers: Mapping[str, str] | None = None, **typed: str
) -> TestResponse:
    """Post a form with a large file. Werkzeug would keep one on a disk, and leave it open where it is refused."""
    fields = {"csrf_token": browser.token(), **typed, "file": FileStorage(*file(content))}
    boundary, body = encode_multipart(fields)
    return browser.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}", headers=headers)


def queued(domain: Domain, admin: Admin | None = None, name: str = "users.csv") -> Run:
    group = domains.default_group(domain.id).id
    return uploads.start(domain, admin, name=name, content=FILE, group_id=group)


def waiting(domain: Domain, admin: Admin | None = None, *, skips: int = 12, **trial: Any) -> Run:
    """An import that has two users to add, and `skips` lines to skip for the same reason, beside two with their own."""
    run = queued(domain, admin)
    runs.claim(run.id)
    names = [f"user{number:03}@brightfield.example" for number in range(skips)]
    plan = Plan(
        steps=tuple(
            Step(Action.CREATE, None, factories.manual_user(name, None, first_name=name.title()), f"line {line}")
            for line, name in enumerate(("ada", "bob"), start=2)
        ),
        skips=(
            *(Reject(f"line {line}", name, STAYS.format(name)) for line, name in enumerate(names, start=4)),
            Reject("line 900", "ada", "Line 2 has this address already."),
            Reject("line 901", "guest@elsewhere.example", "This is a guest."),
        ),
        unchanged=1200,
        read=1204 + skips,
        usable=1202,
    )
    assert runs.wait(run.id, Plan() if trial.get("needs_columns") else plan, [], found(**trial))
    return run


def found(**trial: Any) -> dict[str, Any]:
    """What was made of the file."""
    rows = [
        {"line": 2, "address": "ada@brightfield.example", "aliases": ["a@brightfield.example"], "remark": ""},
        {"line": 3, "address": "guest@elsewhere.example", "aliases": [], "remark": "This is a guest."},
    ]
    rest = {"first_name": "Ada", "last_name": "Lovelace", "kind": "public_folder", "group": "Sales"}
    return {
        "format": "Microsoft 365 admin center",
        "encoding": "UTF-8",
        "separator": "comma",
        "header": True,
        "columns": COLUMNS,
        "rows": [{**row, **rest} for row in rows],
        "warnings": ["Some rows are longer than the first."],
        "needs_columns": False,
        "billable": {"before": 12, "after": 14},
        "mode": "update",
        "new_groups": ["Sales"],
        **trial,
    }
