"""The history of a source: its syncs, narrowed and in pages."""

from console.models import Domain, RunKind, RunState
from console.store import runs, syncs
from console.store.paging import Place
from console.store.syncs import Only
from tests import factories, past


def test_a_history_has_the_syncs_of_its_source_alone(domain: Domain) -> None:
    source, other = factories.source(domain), factories.source(domain, name="Branch")
    first, second = past.sync(source), past.sync(source)
    past.sync(other)
    runs.cancel(factories.run(domain, RunKind.PREVIEW, source).id)
    assert list(syncs.at(source.id).rows) == [second, first]
    assert list(syncs.at(source.id, Place(after=second.id)).rows) == [first]


def test_it_is_narrowed_to_what_changed_the_list_and_to_what_failed(domain: Domain) -> None:
    source = factories.source(domain)
    past.sync(source, counts={"read": 9, "unchanged": 9, "skipped": 2, "conflicts": 1})
    changed = [
        past.sync(source, counts={name: 1}) for name in ("created", "updated", "restored", "missing", "disabled")
    ]
    past.sync(source, state=RunState.DISCARDED, counts={"created": 5})
    past.sync(source, state=RunState.CANCELLED)
    failed = [past.sync(source, state=state) for state in (RunState.FAILED, RunState.INTERRUPTED)]
    assert list(syncs.at(source.id, only=Only.CHANGED).rows) == changed[::-1]
    assert list(syncs.at(source.id, only=Only.FAILED).rows) == failed[::-1]


def test_all_of_it_is_read_in_pieces(domain: Domain) -> None:
    source = factories.source(domain)
    made = [past.sync(source) for _ in range(5)]
    assert list(syncs.every(source.id, chunk=2)) == made[::-1]
