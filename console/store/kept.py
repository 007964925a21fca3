"""Apply the plan that was kept with a run, as it was shown: what is on record need not come here and go back.

Most of a long plan are new users, and those go from the record to the list inside the database.
"""

import psycopg
from sqlalchemy import Boolean, literal_column, not_

from console.core.errors import StaleError
from console.models import Run, now
from console.store import driver, records, search
from console.store.apply import GONE, STALE, check, count, lock, renew, write

# Active, in ASCII alone (core.user_json), and as no person has touched it.
_PLAIN = """
    changes.action = 'created' and changes.before is null and changes.user_id is not null
    and not changes.after ?| array['status', 'reason', 'missing_since', 'by_hand', 'exempt', 'beyond_ascii']
"""
# The trigrams of a hundred thousand users are sorted into their index by the next vacuum: until then, for a minute or
# so, a search reads them one after the other, which takes some milliseconds.
_POSTPONE = "set local gin_pending_list_limit = '128MB'"
_USERS = f"""
    insert into users (id, domain_id, group_id, address, first_name, last_name, kind, origin, source_id, source_key,
                       status, reason, search, created_at, changed_at)
    select user_id, %(domain)s, group_id, address, first_name, last_name, kind, origin, source_id, source_key,
           'active', '', {search.SQL_TEXT}, %(at)s, %(at)s
      from (
        select user_id, (after ->> 'group_id')::bigint as group_id, address,
               coalesce(after ->> 'first_name', '') as first_name, coalesce(after ->> 'last_name', '') as last_name,
               coalesce(after ->> 'kind', 'mailbox') as kind, after ->> 'origin' as origin,
               (after ->> 'source_id')::bigint as source_id, after ->> 'source_key' as source_key,
               case when after ? 'aliases'
                    then (select string_agg(alias, ' ') from jsonb_array_elements_text(after -> 'aliases') as alias)
               end as aliases
          from changes
         where run_id = %(run)s and {_PLAIN}
        offset 0
      ) as people
"""  # noqa: S608 - constants alone
_ADDRESSES = f"""
    insert into addresses (key, address, user_id)
    select address, address, user_id from changes where run_id = %(run)s and {_PLAIN}
    union all
    select alias, alias, user_id
      from changes, jsonb_array_elements_text(after -> 'aliases') as alias
     where run_id = %(run)s and {_PLAIN} and after ? 'aliases'
"""  # noqa: S608 - constants alone
_COUNTS = f"""
    insert into user_counts (domain_id, group_id, origin, source_id, kind, status, users, addresses)
    select %(domain)s, (after ->> 'group_id')::bigint as group_id, after ->> 'origin' as origin,
           coalesce((after ->> 'source_id')::bigint, 0) as source_id, coalesce(after ->> 'kind', 'mailbox') as kind,
           'active', count(*), sum(1 + coalesce(jsonb_array_length(after -> 'aliases'), 0))
      from changes
     where run_id = %(run)s and {_PLAIN}
     group by 2, 3, 4, 5
        on conflict (domain_id, group_id, origin, source_id, kind, status)
        do update set users = user_counts.users + excluded.users, addresses = user_counts.addresses + excluded.addresses
"""  # noqa: S608 - constants alone


def apply_kept(run: Run) -> None:
    """Write what is on record as the run's plan into the list, in the caller's transaction.

    Raises StaleError, with nothing written, as `store.apply.apply` does: the caller rolls back.
    """
    name = lock(run.domain_id)
    writes = [step for step in records.steps(run.id, not_(literal_column(f"({_PLAIN})", Boolean))) if step.writes]
    check(writes)
    try:
        # What these give up may be what new users get.
        write(run.domain_id, name, writes)
        with driver.cursor() as cursor:
            cursor.execute(_POSTPONE)
            for statement in (_USERS, _ADDRESSES, _COUNTS):
                cursor.execute(statement, {"run": run.id, "domain": run.domain_id, "name": name, "at": now()})
    except psycopg.errors.UniqueViolation as error:
        raise StaleError(STALE) from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise StaleError(GONE) from error
    count(run.domain_id, writes)
    renew(run.domain_id)
