"""Inbound SMTP: the delivery servers of a domain, and the checks of them.

Revision ID: 0008
Revises: 0007
"""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('delivery_servers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('port', sa.BigInteger(), nullable=False),
    sa.Column('priority', sa.BigInteger(), nullable=False),
    sa.Column('tls', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("tls in ('none', 'opportunistic', 'required')", name=op.f('ck_delivery_servers_tls')),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_delivery_servers_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_servers')),
    sa.UniqueConstraint('domain_id', 'host', 'port', name=op.f('uq_delivery_servers_domain_id_host_port'))
    )
    op.drop_constraint(op.f('ck_runs_kind'), 'runs')
    op.create_check_constraint(op.f('ck_runs_kind'), 'runs', "kind in ('sync', 'preview', 'test', 'manual', 'undo', 'import', 'grace', 'check')")
    op.create_index(
        'uq_runs_open_check', 'runs', ['domain_id'], unique=True,
        postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind = 'check'"),
    )


def downgrade():
    op.drop_index('uq_runs_open_check', 'runs')
    # A check changed nothing, so nothing is lost with it.
    op.execute("delete from runs where kind = 'check'")
    op.drop_constraint(op.f('ck_runs_kind'), 'runs')
    op.create_check_constraint(op.f('ck_runs_kind'), 'runs', "kind in ('sync', 'preview', 'test', 'manual', 'undo', 'import', 'grace')")
    op.drop_table('delivery_servers')
