"""New users without a check and an index entry that say nothing.

That a user's domain exists follows from its group, which exists in that domain; and few users of a file or by hand
are looked for by the source that they do not have.

Revision ID: 0009
Revises: 0008
"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_constraint('fk_users_domain_id', 'users', type_='foreignkey')
    op.drop_index('ix_users_source_id_address', table_name='users')
    op.create_index('ix_users_source_id_address', 'users', ['source_id', 'address'], unique=False, postgresql_where=sa.text('source_id is not null'))


def downgrade():
    op.drop_index('ix_users_source_id_address', table_name='users', postgresql_where=sa.text('source_id is not null'))
    op.create_index('ix_users_source_id_address', 'users', ['source_id', 'address'], unique=False)
    op.create_foreign_key('fk_users_domain_id', 'users', 'domains', ['domain_id'], ['id'], ondelete='CASCADE')
