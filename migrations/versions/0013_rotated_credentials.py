"""Credentials of mail servers whose password was changed: the former one for a while, and when one was used last.

Revision ID: 0013
Revises: 0012
"""

from alembic import op
import sqlalchemy as sa

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('perimeter_credentials', sa.Column('old_digest', sa.Text(), server_default='', nullable=False))
    op.add_column('perimeter_credentials', sa.Column('old_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('perimeter_credentials', sa.Column('used_at', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column('perimeter_credentials', 'used_at')
    op.drop_column('perimeter_credentials', 'old_until')
    op.drop_column('perimeter_credentials', 'old_digest')
