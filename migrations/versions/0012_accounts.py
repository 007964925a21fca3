"""Accounts: sessions on the server, invitations, one-time links for a new password, and notices to people.

Revision ID: 0012
Revises: 0011
"""

from alembic import op
import sqlalchemy as sa

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

NOTICES = "kind in ('failing', 'recovered', 'waiting', 'expiring', 'discovery_ending', 'discovery_off'"
TO_PEOPLE = "'new_sign_in', 'password_changed', 'password_reset', 'reset', 'accepted', 'invitation'"


def upgrade():
    op.create_table('admin_sessions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('browser', sa.Text(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_admin_sessions_admin_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_admin_sessions')),
    sa.UniqueConstraint('digest', name=op.f('uq_admin_sessions_digest'))
    )
    op.create_index(op.f('ix_admin_sessions_admin_id'), 'admin_sessions', ['admin_id'], unique=False)
    op.create_table('invitations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('limited', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('digest', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('invited_by_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("role in ('owner', 'admin', 'viewer')", name=op.f('ck_invitations_role')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['admins.id'], name=op.f('fk_invitations_invited_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('digest', name=op.f('uq_invitations_digest')),
    sa.UniqueConstraint('email', name=op.f('uq_invitations_email'))
    )
    op.create_table('invitation_domains',
    sa.Column('invitation_id', sa.BigInteger(), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_invitation_domains_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['invitation_id'], ['invitations.id'], name=op.f('fk_invitation_domains_invitation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('invitation_id', 'domain_id', name=op.f('pk_invitation_domains'))
    )
    op.create_index(op.f('ix_invitation_domains_domain_id'), 'invitation_domains', ['domain_id'], unique=False)
    # Whoever was signed in signs in once more: a session is a row now.
    op.drop_column('admins', 'session_version')
    op.add_column('admins', sa.Column('reset_digest', sa.Text(), nullable=True))
    op.add_column('admins', sa.Column('reset_until', sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f('uq_admins_reset_digest'), 'admins', ['reset_digest'])
    for name, table in (('admin_id', 'admins'), ('invitation_id', 'invitations')):
        op.add_column('notices', sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f'fk_notices_{name}'), 'notices', table, [name], ['id'], ondelete='CASCADE')
        op.create_index(op.f(f'ix_notices_{name}'), 'notices', [name], unique=False)
    op.alter_column('notices', 'domain_id', nullable=True)
    op.create_check_constraint(op.f('ck_notices_to'), 'notices', "num_nonnulls(domain_id, admin_id, invitation_id) = 1")
    _allow(f", {TO_PEOPLE})")


def downgrade():
    op.execute("delete from notices where domain_id is null")
    op.drop_constraint(op.f('ck_notices_to'), 'notices')
    _allow(")")
    op.alter_column('notices', 'domain_id', nullable=False)
    for name in ('invitation_id', 'admin_id'):
        op.drop_column('notices', name)
    op.drop_column('admins', 'reset_until')
    op.drop_column('admins', 'reset_digest')
    op.add_column('admins', sa.Column('session_version', sa.BigInteger(), server_default='1', nullable=False))
    op.alter_column('admins', 'session_version', server_default=None)
    op.drop_table('invitation_domains')
    op.drop_table('invitations')
    op.drop_table('admin_sessions')


def _allow(end):
    op.drop_constraint(op.f('ck_notices_kind'), 'notices')
    op.create_check_constraint(op.f('ck_notices_kind'), 'notices', NOTICES + end)
