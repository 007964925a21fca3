"""Addresses that a person left with the user who has them, although a source claims them.

Revision ID: 0003
Revises: 0002
"""

from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('kept_addresses',
    sa.Column('source_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(collation='C'), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_kept_addresses_admin_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_kept_addresses_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', 'key', name=op.f('pk_kept_addresses'))
    )


def downgrade():
    op.drop_table('kept_addresses')
