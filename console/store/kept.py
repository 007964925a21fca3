"""Apply the plan that was kept with a run, as it was shown: what is on record need not come here and go back.

Most of a long plan are new users, and those go from the record to the list inside the database, in one statement.
"""

import psycopg
from sqlalchemy import Boolean, literal_column, not_

from console.core.errors import StaleError
from console.models import Run, now
from console.store import driver, records
from console.store.apply import GONE, STALE, check, count, lock, renew, write

# Only ASCII: the key and the search text of other letters follow Unicode's rules as Python has them.
_PLAIN = """
    changes.action = 'created' and changes.before is null and changes.user_id is not null
    and not changes.after ?| array['by_hand', 'exempt', 'missing_since']
    and octet_length(changes.after::text) = char_length(changes.after::text)
"""
# The trigrams of a hundred thousand users are sorted into their index by the next vacuum: until then, for a minute or
# so, a search reads them one after the other, which takes some milliseconds.
_POSTPONE = "set local gin_pending_list_limit = '128MB'"
_CREATE = f"""
    with people as materialized (
        select changes.user_id as id, told.address, told.group_id, told.origin, told.source_id, told.source_key,
               coalesce(told.aliases, '{{}}') as aliases,
               coalesce(told.first_name, '') as first_name, coalesce(told.last_name, '') as last_name,
               coalesce(told.kind, 'mailbox') as kind, coalesce(told.status, 'active') as status,
               coalesce(told.reason, '') as reason
          from changes,
               jsonb_to_record(changes.after) as told(
                   address text, group_id bigint, origin text, source_id bigint, source_key text, aliases text[],
                   first_name text, last_name text, kind text, status text, reason text)
         where changes.run_id = %(run)s and {_PLAIN}
    ), listed as (
        insert into users (id, domain_id, group_id, address, first_name, last_name, kind, origin, source_id, source_key,
                           status, reason, search, created_at, changed_at)
        select id, %(domain)s, group_id, address, first_name, last_name, kind, origin, source_id, source_key, status,
               reason,
               lower(array_to_string(array[address] || aliases || array[first_name, last_name], ' ') collate "C"),
               %(at)s, %(at)s
          from people
    ), named as (
        insert into addresses (key, address, user_id)
        select address, address, id from people
        union all
        select alias, alias, id from people, unnest(aliases) as alias
    )
    insert into user_counts (domain_id, group_id, origin, source_id, kind, status, users, addresses)
    select %(domain)s, group_id, origin, coalesce(source_id, 0), kind, status, count(*), sum(1 + cardinality(aliases))
      from people
     group by group_id, origin, source_id, kind, status
        on conflict (domain_id, group_id, origin, source_id, kind, status)
        do update set users = user_counts.users + excluded.users, addresses = user_counts.addresses + excluded.addresses
"""  # noqa: S608 - constants alone


def apply_kept(run: Run) -> None:
    """Write what is on record as the run's plan into the list, in the caller's transaction.

    Raises StaleError, with nothing written, as `store.apply.apply` does: the caller rolls back.
    """
    lock(run.domain_id)
    writes = [step for step in records.steps(run.id, not_(literal_column(f"({_PLAIN})", Boolean))) if step.writes]
    check(writes)
    try:
        # What these give up may be what new users get.
        write(run.domain_id, writes)
        with driver.cursor() as cursor:
            cursor.execute(_POSTPONE)
            cursor.execute(_CREATE, {"run": run.id, "domain": run.domain_id, "at": now()})
    except psycopg.errors.UniqueViolation as error:
        raise StaleError(STALE) from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise StaleError(GONE) from error
    count(run.domain_id, writes)
    renew(run.domain_id)
