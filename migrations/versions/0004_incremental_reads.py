"""How a run read its source, and where the next read of what changed starts.

Revision ID: 0004
Revises: 0003
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('domains', sa.Column('list_version', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('sources', sa.Column('watermark', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('sources', sa.Column('full_read_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('runs', sa.Column('by_schedule', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('runs', sa.Column('reading', sa.Text(), server_default='', nullable=False))
    op.add_column('runs', sa.Column('reading_why', sa.Text(), server_default='', nullable=False))
    op.execute("update runs set by_schedule = true where title = 'by schedule'")
    op.execute("update runs set reading = 'full' where kind in ('sync', 'preview') and state = 'succeeded'")
    for name in ('by_schedule', 'reading', 'reading_why'):
        op.alter_column('runs', name, server_default=None)
    op.alter_column('domains', 'list_version', server_default=None)


def downgrade():
    for name in ('reading_why', 'reading', 'by_schedule'):
        op.drop_column('runs', name)
    op.drop_column('sources', 'full_read_at')
    op.drop_column('sources', 'watermark')
    op.drop_column('domains', 'list_version')
