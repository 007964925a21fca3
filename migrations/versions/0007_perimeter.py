"""The perimeter: a domain's mode, rejected recipients, and the credentials of mail servers.

Revision ID: 0007
Revises: 0006
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('domains', sa.Column('perimeter_mode', sa.Text(), server_default='off', nullable=False))
    op.create_check_constraint(op.f('ck_domains_perimeter_mode'), 'domains', "perimeter_mode in ('off', 'monitor', 'enforce')")
    op.create_table('rejections',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('address', sa.String(collation='C'), nullable=False),
    sa.Column('times', sa.BigInteger(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('senders', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('client', sa.Text(), nullable=False),
    sa.Column('would', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('ignored', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_rejections_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rejections')),
    sa.UniqueConstraint('domain_id', 'address', name=op.f('uq_rejections_domain_id_address'))
    )
    op.create_table('perimeter_credentials',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_perimeter_credentials')),
    sa.UniqueConstraint('name', name=op.f('uq_perimeter_credentials_name'))
    )


def downgrade():
    op.drop_table('perimeter_credentials')
    op.drop_table('rejections')
    op.drop_constraint(op.f('ck_domains_perimeter_mode'), 'domains')
    op.drop_column('domains', 'perimeter_mode')
