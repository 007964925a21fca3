"""What is searched leaves out the name of the domain, and plans that wait tell which new users are not in ASCII alone.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        update users set search = replace(users.search, '@' || domains.name || ' ', '@ ')
          from domains where domains.id = users.domain_id
    """)
    op.execute("""
        update changes set after = after || '{"beyond_ascii": true}'
          from runs
         where runs.id = changes.run_id and runs.state in ('queued', 'running', 'needs_approval', 'applying')
           and changes.action = 'created' and octet_length(after::text) <> char_length(after::text)
    """)


def downgrade():
    op.execute("update changes set after = after - 'beyond_ascii' where after ? 'beyond_ascii'")
    # An address that stands there without its domain is one of this domain: all others are whole.
    op.execute("""
        update users set search = replace(users.search, '@ ', '@' || domains.name || ' ')
          from domains where domains.id = users.domain_id
    """)
