"""How the database goes about what is asked of it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from console.models import db

WHOLE_LISTS = ("Seq Scan on users", "Seq Scan on addresses")


def plans(work: Callable[[], object]) -> list[str]:
    """The plan of each SELECT that `work` sends, as text."""
    noted: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().lower().startswith("select"):
            noted.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return [
        "\n".join(line for (line,) in connection.exec_driver_sql(f"explain {statement}", parameters))
        for statement, parameters in noted
    ]


def reading_whole_lists(work: Callable[[], object]) -> list[str]:
    """Those of its plans that go through all users or addresses."""
    return [plan for plan in plans(work) if any(scan in plan for scan in WHOLE_LISTS)]
