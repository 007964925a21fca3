"""Whatever is uploaded, the import ends: it waits for a person, or it failed with a sentence."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from console.core.user_csv import HEADER
from console.models import Domain, RunState, db
from console.store import records, runs, uploads
from tests import factories
from tests.conftest import empty
from tests.jobs.files import verified

pieces = st.sampled_from(
    [
        *(name.encode() for name in HEADER),
        *(b",", b";", b"\t", b"|", b"\r\n", b"\n", b"\r", b'"', b"'", b"\x00", b"=", b"@", b" "),
        *(b"ada@brightfield.example", b"bob", b"SMTP:c@brightfield.example", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9"),
        *(b"sep=;\n", b"#TYPE x\n", b"PK\x03\x04", b"%PDF-1.7", b"\xd8\x00", b"\\u0000", "ж".encode()),
    ]
)
files = st.one_of(st.binary(min_size=1, max_size=200), st.lists(pieces, min_size=1, max_size=40).map(b"".join))


@pytest.fixture(scope="module")
def domain(migrated: Flask) -> Iterator[Domain]:
    """One for all examples, which leave nothing behind."""
    with migrated.app_context():
        empty()
        yield factories.domain()
        db.session.remove()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(files)
@example(b"address,first name\nada,\x00\x01\nbob,\xed\xa0\x80\n")
@example(b"address\n" + b'"' * 1001)
@example("address;status\nada;\ud800\n".encode("utf-16-le", "surrogatepass"))
def test_any_file_waits_or_has_failed_with_a_sentence(domain: Domain, content: bytes) -> None:
    run = verified(domain, content, mode="replace")
    if run.state == RunState.FAILED:
        assert run.error.endswith((".", "”"))
        assert "Rollcall itself" not in run.error
    else:
        assert run.state == RunState.NEEDS_APPROVAL
        unknown = (run.trial or {})["needs_columns"]
        assert unknown or run.counts["read"] > 0
        assert unknown == (not runs.approve(run.id))
        if not unknown:
            assert records.planned(run) is not None
        runs.cancel(run.id)
    uploads.discard(run)
