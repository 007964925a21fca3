"""Imports of files, and the files themselves.

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('uploads',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_uploads_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_uploads_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads')),
    sa.UniqueConstraint('run_id', name=op.f('uq_uploads_run_id'))
    )
    # To compress a file takes longer than to store it, and whoever uploads it waits for that.
    op.execute('alter table uploads alter column content set storage external')
    op.create_index(op.f('ix_uploads_domain_id'), 'uploads', ['domain_id'], unique=False)
    op.drop_constraint(op.f('ck_runs_kind'), 'runs')
    op.create_check_constraint(op.f('ck_runs_kind'), 'runs', "kind in ('sync', 'preview', 'test', 'manual', 'undo', 'import', 'grace')")
    op.create_index(
        'uq_runs_open_import', 'runs', ['domain_id', 'kind'], unique=True,
        postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind in ('import', 'grace')"),
    )


def downgrade():
    op.drop_index('uq_runs_open_import', 'runs')
    op.drop_table('uploads')
    # What was done stays on record, as acts of a person: it can be taken back as before. What was not is given up.
    op.execute("delete from runs where kind in ('import', 'grace') and state in ('queued', 'running', 'needs_approval', 'applying')")
    op.execute("update runs set kind = 'manual' where kind in ('import', 'grace')")
    op.drop_constraint(op.f('ck_runs_kind'), 'runs')
    op.create_check_constraint(op.f('ck_runs_kind'), 'runs', "kind in ('sync', 'preview', 'test', 'manual', 'undo')")
