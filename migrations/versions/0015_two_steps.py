"""Two-step sign-in: apps, recovery codes, passkeys, who is half signed in, and whether everybody has to.

Revision ID: 0015
Revises: 0014
"""

from alembic import op
import sqlalchemy as sa

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BEFORE = (
    "'failing', 'recovered', 'waiting', 'expiring', 'discovery_ending', 'discovery_off',"
    " 'new_sign_in', 'password_changed', 'password_reset', 'reset', 'accepted', 'invitation'"
)
NEW = (
    "'two_steps_on', 'two_steps_off', 'recovery_code_used', 'recovery_codes_made',"
    " 'second_step_refused', 'passkey_added', 'passkey_removed'"
)


def upgrade():
    op.create_table('second_steps',
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('used_step', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_second_steps_admin_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('admin_id', name=op.f('pk_second_steps'))
    )
    op.create_table('recovery_codes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('salt', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_recovery_codes_admin_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes'))
    )
    op.create_index('ix_recovery_codes_admin_id', 'recovery_codes', ['admin_id'])
    op.create_table('passkeys',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('credential_id', sa.Text(), nullable=False),
    sa.Column('public_key', sa.Text(), nullable=False),
    sa.Column('handle', sa.Text(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_passkeys_admin_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkeys_credential_id'))
    )
    op.create_index('ix_passkeys_admin_id', 'passkeys', ['admin_id'])
    op.create_table('half_sign_ins',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('wanted', sa.Text(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_half_sign_ins_admin_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_half_sign_ins')),
    sa.UniqueConstraint('digest', name=op.f('uq_half_sign_ins_digest'))
    )
    op.create_index('ix_half_sign_ins_admin_id', 'half_sign_ins', ['admin_id'])
    op.create_table('organisation',
    sa.Column('single', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('two_steps_required', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.CheckConstraint('single', name=op.f('ck_organisation_single')),
    sa.PrimaryKeyConstraint('single', name=op.f('pk_organisation'))
    )
    op.drop_constraint(op.f('ck_notices_kind'), 'notices', type_='check')
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', f"kind in ({BEFORE}, {NEW})")


def downgrade():
    op.execute(f"delete from notices where kind in ({NEW})")
    op.drop_constraint(op.f('ck_notices_kind'), 'notices', type_='check')
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', f"kind in ({BEFORE})")
    op.drop_table('organisation')
    op.drop_table('half_sign_ins')
    op.drop_table('passkeys')
    op.drop_table('recovery_codes')
    op.drop_table('second_steps')
