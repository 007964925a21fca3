"""What it costs to take back a change of 100,000 users, in units of the change itself."""

import pytest

from console.core.bulk import Bulk
from console.models import Run, RunKind, db
from console.settings import Settings
from console.store import bulk, runs, users
from console.store.bulk import Selection
from jobs import tasks
from tests.bench.ratio import note, seconds
from tests.bench.test_import import peak
from tests.crowds import crowd

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

COUNT = 100_000


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("act", ["kind:shared", "delete"])
def test_taking_back_costs_at_most_five_times_the_change_and_200_megabytes(settings: Settings, act: str) -> None:
    """Deleting is quick, and who comes back has to be put into every index."""
    domain = crowd("crowd.example", COUNT)
    wanted, everyone = Bulk.parse(act), Selection(filters=users.Filters())
    assert wanted is not None
    seen = bulk.look(domain.id, everyone, wanted).seen
    change = bulk.perform(domain, None, everyone, wanted, seen=seen, wish=str, title=str)
    changing = seconds(lambda: tasks.provision(change.id))
    undo = runs.start(RunKind.UNDO, domain.id, undoes=db.session.get_one(Run, change.id))
    used = peak(undo, settings)
    db.session.refresh(undo)
    note(
        f"undo of {act} of 100,000 users",
        {"change_seconds": round(changing, 1), "undo_seconds": round(undo.seconds or 0, 1), "megabytes": used},
    )
    assert (undo.state, undo.changed) == ("succeeded", db.session.get_one(Run, change.id).changed)
    assert (undo.seconds or 0) <= 5 * changing
    assert used < 200
