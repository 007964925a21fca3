"""Export: the users that the Users page shows, all of them, as a file that Import takes back."""

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, request, stream_with_context

from console.core import user_csv
from console.models import db, now
from console.store import domains, export, records, users
from console.store.users import Filters
from console.web import access
from console.web.user_filters import filters_from

pages = Blueprint("exports", __name__)


@pages.get("/domains/<name>/users.csv")
def user_list(name: str) -> Response:
    """The list with the filters of the address line, sent while it is read: memory stays the same for any list."""
    domain = access.domain(name)
    filters = filters_from(request.args, domains.groups(domain.id), users.sources(domain.id))
    groups = records.group_names(domain.id)
    file = f"{domain.name}-users-{now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "X-Accel-Buffering": "no"}
    body = stream_with_context(_pieces(domain.id, filters, groups))
    return Response(body, mimetype="text/csv", headers=headers)


def _pieces(domain_id: int, filters: Filters, groups: Mapping[int, str]) -> Iterator[str]:
    """The text, after the mark of UTF-8 for spreadsheets. No connection is held while a slow browser takes it."""
    yield "\ufeff"
    for piece in user_csv.text(user_csv.rows(export.matching(domain_id, filters), groups)):
        db.session.remove()
        yield piece
