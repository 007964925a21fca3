"""What is on record for an audit, which nobody changes; and an index by which Activity finds what changed lists.

Revision ID: 0016
Revises: 0015
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

STAY = """
create function events_stay() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('rollcall.forget_events', true) = 'on' then
    return old;
  end if;
  raise exception 'events are not changed, and only old ones are deleted, by EVENTS_DAYS';
end
$$
"""


CHANGING = ('created', 'updated', 'restored', 'missing', 'disabled', 'deleted')
LISTED = "state = 'succeeded' and " + ' + '.join(f"coalesce((counts ->> '{name}')::integer, 0)" for name in CHANGING) + ' > 0'


def upgrade():
    op.create_table('events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=True),
    sa.Column('domain', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('times', sa.BigInteger(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.CheckConstraint("topic in ('settings', 'approvals', 'accounts', 'sign_ins', 'denials')", name=op.f('ck_events_topic')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    newest = [sa.text('at desc'), sa.text('id desc')]
    last = [sa.text('ended_at desc'), sa.text('id desc')]
    op.create_index('ix_runs_listed', 'runs', last, postgresql_where=sa.text(LISTED))
    op.create_index('ix_runs_listed_of_domain', 'runs', ['domain_id', *last], postgresql_where=sa.text(LISTED))
    op.create_index('ix_events_at', 'events', newest)
    for name in ('topic', 'domain_id', 'admin_id'):
        op.create_index(f'ix_events_{name}', 'events', [name, *newest])
    op.create_index('ix_events_search', 'events', ['search'], postgresql_using='gin', postgresql_ops={'search': 'gin_trgm_ops'})
    op.execute(STAY)
    op.execute("create trigger events_stay before update or delete on events for each row execute function events_stay()")
    op.execute("create trigger events_stay_all before truncate on events for each statement execute function events_stay()")


def downgrade():
    op.drop_index('ix_runs_listed_of_domain', 'runs')
    op.drop_index('ix_runs_listed', 'runs')
    op.drop_table('events')
    op.execute("drop function events_stay()")
