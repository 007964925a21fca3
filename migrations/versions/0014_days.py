"""A domain's numbers of each day, and whether the checklist for a new domain was put away.

The clock fills the days before from what is on record.

Revision ID: 0014
Revises: 0013
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('domain_days',
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('origins', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('kinds', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('billable', sa.BigInteger(), nullable=True),
    sa.Column('accepted', sa.BigInteger(), nullable=True),
    sa.Column('rejected', sa.BigInteger(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_domain_days_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('domain_id', 'day', name=op.f('pk_domain_days'))
    )
    op.add_column('domains', sa.Column('checklist_done', sa.Boolean(), server_default='false', nullable=False))


def downgrade():
    op.drop_column('domains', 'checklist_done')
    op.drop_table('domain_days')
