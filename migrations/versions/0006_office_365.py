"""Office 365 as a source: when its secret ends, who was told, and what its mailboxes are for.

Revision ID: 0006
Revises: 0005
"""

from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('sources', sa.Column('secret_expires_on', sa.Date(), nullable=True))
    op.add_column('sources', sa.Column('expiry_warned', sa.BigInteger(), nullable=True))
    op.drop_constraint(op.f('ck_sources_kind'), 'sources')
    op.create_check_constraint(op.f('ck_sources_kind'), 'sources', "kind in ('ldap', 'office365')")
    op.drop_constraint(op.f('ck_notices_kind'), 'notices')
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', "kind in ('failing', 'recovered', 'waiting', 'expiring')")
    op.create_table('mailbox_kinds',
    sa.Column('source_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('learned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_mailbox_kinds_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', 'key', name=op.f('pk_mailbox_kinds'))
    )


def downgrade():
    op.drop_table('mailbox_kinds')
    op.drop_constraint(op.f('ck_notices_kind'), 'notices')
    op.execute("delete from notices where kind = 'expiring'")
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', "kind in ('failing', 'recovered', 'waiting')")
    # Its users stay on the list, kept by hand, as when a source is deleted in the console.
    op.execute("delete from runs where source_id in (select id from sources where kind = 'office365')"
               " and state in ('queued', 'running', 'needs_approval', 'applying')")
    op.execute("update users set origin = 'manual', source_id = null, source_key = null, exempt = false, by_hand = '{}',"
               " reason = case when status = 'missing' then '' else reason end, missing_since = null,"
               " status = case when status = 'missing' then 'active' else status end"
               " where source_id in (select id from sources where kind = 'office365')")
    op.execute("""
        with moved as (
            delete from user_counts where source_id in (select id from sources where kind = 'office365')
            returning domain_id, group_id, kind, case when status = 'missing' then 'active' else status end as status,
                      users, addresses
        )
        insert into user_counts (domain_id, group_id, origin, source_id, kind, status, users, addresses)
        select domain_id, group_id, 'manual', 0, kind, status, sum(users), sum(addresses) from moved
         group by domain_id, group_id, kind, status
        on conflict (domain_id, group_id, origin, source_id, kind, status)
        do update set users = user_counts.users + excluded.users, addresses = user_counts.addresses + excluded.addresses
    """)
    op.execute("delete from sources where kind = 'office365'")
    op.drop_constraint(op.f('ck_sources_kind'), 'sources')
    op.create_check_constraint(op.f('ck_sources_kind'), 'sources', "kind in ('ldap')")
    op.drop_column('sources', 'expiry_warned')
    op.drop_column('sources', 'secret_expires_on')
