"""What a run skipped, by the reason."""

import pytest

from console.core.person import Reject
from console.core.plan import Plan
from console.models import Domain, Run, RunKind, db
from console.store import remarks, runs
from console.store.paging import Place
from tests import factories


@pytest.fixture
def run(domain: Domain) -> Run:
    return factories.run(domain)


def remark(run: Run, *skips: Reject) -> None:
    runs.remark(run.id, Plan(skips=skips))
    db.session.commit()


def test_remarks_that_differ_in_their_value_or_line_alone_have_one_reason(run: Run) -> None:
    same = [Reject(f"line {n}", f"u{n}@b.example", f"u{n}@b.example is on the list already.") for n in range(2, 25)]
    twice = [
        Reject("line 30", "ada", "Line 2 has this address already."),
        Reject("line 31", "bob", "Line 17 has this address already."),
    ]
    remark(run, *same, *twice, Reject("line 40", "lp0", "lp0 is no address."))
    found = remarks.by_reason(run.id)
    assert [(reason.sentence, reason.count) for reason in found] == [
        ("… is on the list already.", 23),
        ("Line … has this address already.", 2),
        ("lp0 is no address.", 1),
    ]
    assert [(row.place, row.what) for row in found[0].remarks] == [
        (f"line {n}", f"u{n}@b.example") for n in range(2, 2 + remarks.SHOWN)
    ]


@pytest.mark.parametrize(
    ("whys", "sentence"),
    [
        (["“a@@” has more than one @.", "“b@@” has more than one @."], "“…” has more than one @."),
        (["bob@b.example, an alias of ada@b.example.", "x@b.example, an alias of y@b.example."], "…, an alias of …."),
        (["This is a guest.", "This is a guest."], "This is a guest."),
        (["Lines 3 and 4 differ.", "Lines 7 and 4 differ."], "Lines … and 4 differ."),
    ],
)
def test_what_a_sentence_names_makes_no_reason_of_its_own(run: Run, whys: list[str], sentence: str) -> None:
    remark(run, *(Reject(f"line {line}", "is", why) for line, why in enumerate(whys)))
    assert [(reason.sentence, reason.count) for reason in remarks.by_reason(run.id)] == [(sentence, 2)]


def test_an_entry_without_a_value_is_no_trouble(run: Run) -> None:
    remark(run, Reject("line 2", "", "This row is empty."), Reject("line 3", "", "This row is empty."))
    assert [(reason.sentence, reason.count) for reason in remarks.by_reason(run.id)] == [("This row is empty.", 2)]


def test_the_remarks_of_a_reason_come_in_pages(run: Run) -> None:
    remark(run, Reject("line 1", "x", "Else."), *(Reject(f"line {n}", f"u{n}", f"“u{n}” is odd.") for n in range(120)))
    first = remarks.by_reason(run.id)[0].first
    listed, place = [], Place()
    while True:
        page = remarks.of_reason(run.id, first, place)
        listed += [row.what for row in page.rows]
        if page.after is None:
            break
        place = Place(after=page.after)
    assert listed == [f"u{n}" for n in range(120)]


def test_a_reason_of_another_run_is_none_of_this(run: Run, domain: Domain) -> None:
    remark(run, Reject("line 1", "x", "Else."))
    other = factories.run(domain, RunKind.UNDO)
    assert remarks.by_reason(other.id) == []
    assert remarks.of_reason(other.id, remarks.by_reason(run.id)[0].first, Place()).rows == []
