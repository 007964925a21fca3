"""Long lists, made by the database itself: a million users in well under a minute."""

import hashlib

from sqlalchemy import text

from console.models import Domain, db
from console.store import domains
from tests import factories

KINDS = ("shared", "resource", "list")


def crowd(name: str, count: int) -> Domain:
    """A domain with that many users, each with an alias.

    Of a hundred one is disabled, one is missing, and three are no mailboxes; every tenth has no name, and every
    hundredth is of the group "Sales". The names come in no order, and many are alike. A third were changed at the same
    moment, the others one after the other.
    """
    domain = factories.domain(name)
    source = factories.source(domain)
    values = {
        "domain": domain.id,
        "name": name,
        "source": source.id,
        "group": domains.default_group(domain.id).id,
        "sales": domains.add_group(domain, "Sales").id,
        "count": count,
    }
    # Triggers check each row of what is known to be right.
    for statement in (_NO_CHECKS, _USERS, _ADDRESSES, _ALIASES, _COUNTS):
        db.session.execute(text(statement), values)
    db.session.commit()
    factories.analyze()
    return domain


_NO_CHECKS = "set local session_replication_role = 'replica'"
_USERS = """
    insert into users (domain_id, group_id, address, first_name, last_name, kind, origin, source_id, source_key,
                       status, reason, missing_since, search, created_at, changed_at)
    select :domain, case when n % 100 = 7 then :sales else :group end, address, first, last,
           case n % 100 when 10 then 'shared' when 20 then 'resource' when 30 then 'list' else 'mailbox' end,
           'source', :source, 'key-' || n,
           case n % 100 when 40 then 'disabled' when 50 then 'missing' else 'active' end, '',
           case when n % 100 = 50 then now() end,
           lower(replace(concat(address, ' ', replace(address, 'user', 'alias'), ' '), '@' || :name || ' ', '@ ')
                 || first || ' ' || last),
           now(), now() - case when n % 3 > 0 then interval '1 day' + interval '1 second' * n else interval '0' end
      from (
        select n, 'user' || lpad(n::text, 7, '0') || '@' || :name as address,
               case when n % 10 = 0 then '' else initcap(substr(md5((n % 5000)::text), 1, 6)) end as first,
               case when n % 10 = 0 then '' else initcap(substr(md5((n * 7)::text), 1, 7)) end as last
          from generate_series(0, :count - 1) as n
        offset 0
      ) as people
"""
_ADDRESSES = (
    "insert into addresses (key, address, user_id) select address, address, id from users where domain_id = :domain"
)
_ALIASES = """
    insert into addresses (key, address, user_id)
    select alias, alias, id
      from (select id, replace(address, 'user', 'alias') as alias from users where domain_id = :domain)
"""
_COUNTS = """
    insert into user_counts (domain_id, group_id, origin, source_id, kind, status, users, addresses)
    select domain_id, group_id, origin, source_id, kind, status, count(*), count(*) * 2
      from users where domain_id = :domain group by domain_id, group_id, origin, source_id, kind, status
"""


def word(number: int) -> str:
    """The first name of a user, of whom there is one in five thousand that is called so."""
    return hashlib.md5(str(number % 5000).encode(), usedforsecurity=False).hexdigest()[:6]
