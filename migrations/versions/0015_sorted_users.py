"""Indexes for a list of users that is sorted by name, or by when each was changed.

Revision ID: 0015
Revises: 0014
"""

from alembic import op
import sqlalchemy as sa

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_users_domain_id_changed_at', 'users', ['domain_id', 'changed_at', 'id'], unique=False)
    op.create_index('ix_users_domain_id_name', 'users', ['domain_id', sa.literal_column("lower(btrim((first_name || ' ') || last_name) collate \"C\")"), 'id'], unique=False)


def downgrade():
    op.drop_index('ix_users_domain_id_name', table_name='users')
    op.drop_index('ix_users_domain_id_changed_at', table_name='users')
