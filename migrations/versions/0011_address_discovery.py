"""Address Discovery: a domain's switch, and the addresses that mail came for and that nobody has.

Revision ID: 0011
Revises: 0010
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

RUNS = "kind in ('sync', 'preview', 'test', 'manual', 'undo', 'import', 'grace', 'check'"
NOTICES = "kind in ('failing', 'recovered', 'waiting', 'expiring'"


def upgrade():
    op.create_table('discoveries',
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('taking', sa.Text(), nullable=False),
    sa.Column('needed', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.Text(), nullable=False),
    sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('test_run_id', sa.BigInteger(), nullable=True),
    sa.Column('tested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tested_peer', sa.Text(), nullable=False),
    sa.Column('test_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minute_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minute_probes', sa.BigInteger(), nullable=False),
    sa.Column('day_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day_probes', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("state in ('off', 'testing', 'on')", name=op.f('ck_discoveries_state')),
    sa.CheckConstraint("taking in ('add', 'review')", name=op.f('ck_discoveries_taking')),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_discoveries_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['test_run_id'], ['runs.id'], name=op.f('fk_discoveries_test_run_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('domain_id', name=op.f('pk_discoveries'))
    )
    op.create_table('sightings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(collation='C'), nullable=False),
    sa.Column('address', sa.String(collation='C'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('times', sa.BigInteger(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('senders', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('client', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'unknown', 'refused', 'review', 'added', 'not_ours')", name=op.f('ck_sightings_state')),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_sightings_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sightings')),
    sa.UniqueConstraint('domain_id', 'key', name=op.f('uq_sightings_domain_id_key'))
    )
    op.create_index('ix_sightings_due', 'sightings', ['domain_id', 'due_at'], unique=False, postgresql_where=sa.text('due_at is not null'))
    op.create_index('ix_sightings_state', 'sightings', ['domain_id', 'state', sa.literal_column('last_at DESC')], unique=False)
    _allow(", 'discovery')", ", 'discovery_ending', 'discovery_off')")
    op.create_index(
        'uq_runs_open_discovery', 'runs', ['domain_id'], unique=True,
        postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval') and kind = 'discovery'"),
    )


def downgrade():
    op.drop_index('uq_runs_open_discovery', 'runs')
    # What a discovery added stays on the list; its record has no kind any more that would tell what it was.
    op.execute("delete from runs where kind = 'discovery'")
    op.execute("delete from notices where kind in ('discovery_ending', 'discovery_off')")
    _allow(")", ")")
    op.drop_table('sightings')
    op.drop_table('discoveries')


def _allow(runs, notices):
    op.drop_constraint(op.f('ck_runs_kind'), 'runs')
    op.create_check_constraint(op.f('ck_runs_kind'), 'runs', RUNS + runs)
    op.drop_constraint(op.f('ck_notices_kind'), 'notices')
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', NOTICES + notices)
