"""Pages by key, both ways and in both orders."""

import pytest
from sqlalchemy import select

from console.models import Domain, Run
from console.store.paging import TOP, Page, Place, page
from tests import factories, past


@pytest.fixture
def ids(domain: Domain) -> list[int]:
    source = factories.source(domain)
    return [past.sync(source).id for _ in range(7)]


def look(place: Place = TOP, *, newest_first: bool = False) -> tuple[list[int], int | None, int | None]:
    found: Page[Run] = page(select(Run), Run.id, place, newest_first=newest_first, limit=3)
    return [run.id for run in found.rows], found.before, found.after


@pytest.mark.parametrize("newest_first", [False, True])
def test_one_walks_down_and_up_again_over_the_same_pages(ids: list[int], newest_first: bool) -> None:
    order = list(reversed(ids)) if newest_first else ids
    top = look(newest_first=newest_first)
    assert top == (order[:3], None, order[2])
    middle = look(Place(after=top[2]), newest_first=newest_first)
    assert middle == (order[3:6], order[3], order[5])
    end = look(Place(after=middle[2]), newest_first=newest_first)
    assert end == (order[6:], order[6], None)
    assert look(Place(before=end[1]), newest_first=newest_first) == middle
    assert look(Place(before=middle[1]), newest_first=newest_first) == top


def test_what_stands_before_is_a_whole_page(ids: list[int]) -> None:
    assert look(Place(before=ids[1])) == look()
    assert look(Place(before=ids[0])) == look()


def test_beyond_the_end_there_is_nothing(ids: list[int]) -> None:
    assert look(Place(after=ids[-1])) == ([], None, None)
    assert look(Place(before=2**63 - 1)) == (ids[4:], ids[4], ids[6])
