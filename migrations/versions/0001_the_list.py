"""The tables of the list: domains, users and addresses, sources, runs and their changes, accounts.

Revision ID: 0001
Revises: 
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    # Trusted since PostgreSQL 13: the owner of a database may add it, on Heroku as well.
    op.execute("create extension if not exists pg_trgm")
    op.create_table('admins',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('password_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('session_version', sa.BigInteger(), nullable=False),
    sa.Column('limited', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role in ('owner', 'admin', 'viewer')", name=op.f('ck_admins_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_admins')),
    sa.UniqueConstraint('email', name=op.f('uq_admins_email'))
    )
    op.create_table('domains',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('plus_tags', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_domains')),
    sa.UniqueConstraint('name', name=op.f('uq_domains_name'))
    )
    op.create_table('admin_domains',
    sa.Column('admin_id', sa.BigInteger(), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_admin_domains_admin_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_admin_domains_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('admin_id', 'domain_id', name=op.f('pk_admin_domains'))
    )
    op.create_index(op.f('ix_admin_domains_domain_id'), 'admin_domains', ['domain_id'], unique=False)
    op.create_table('domain_names',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_domain_names_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_domain_names'))
    )
    op.create_index(op.f('ix_domain_names_domain_id'), 'domain_names', ['domain_id'], unique=False)
    op.create_table('groups',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_groups_domain_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_groups')),
    sa.UniqueConstraint('id', 'domain_id', name=op.f('uq_groups_id_domain_id'))
    )
    op.create_index('uq_groups_default', 'groups', ['domain_id'], unique=True, postgresql_where=sa.text('is_default'))
    op.create_index('uq_groups_domain_id_name', 'groups', ['domain_id', sa.literal_column('lower(name)')], unique=True)
    op.create_table('sources',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('group_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('interval_minutes', sa.BigInteger(), nullable=True),
    sa.Column('next_run_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('grace_days', sa.BigInteger(), nullable=False),
    sa.Column('guard_percent', sa.BigInteger(), nullable=False),
    sa.Column('guard_owned_from', sa.BigInteger(), nullable=False),
    sa.Column('failures', sa.BigInteger(), nullable=False),
    sa.Column('last_success_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('last_error_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('ldap')", name=op.f('ck_sources_kind')),
    sa.CheckConstraint("mode in ('automatic', 'review')", name=op.f('ck_sources_mode')),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_sources_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['group_id', 'domain_id'], ['groups.id', 'groups.domain_id'], name=op.f('fk_sources_group_id_domain_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources'))
    )
    op.create_index(op.f('ix_sources_domain_id'), 'sources', ['domain_id'], unique=False)
    op.create_index('ix_sources_due', 'sources', ['next_run_at'], unique=False, postgresql_where=sa.text('next_run_at is not null'))
    op.create_table('user_counts',
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('group_id', sa.BigInteger(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('source_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('users', sa.BigInteger(), nullable=False),
    sa.Column('addresses', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_user_counts_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['group_id'], ['groups.id'], name=op.f('fk_user_counts_group_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('domain_id', 'group_id', 'origin', 'source_id', 'kind', 'status', name=op.f('pk_user_counts'))
    )
    op.create_table('runs',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('source_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('admin_id', sa.BigInteger(), nullable=True),
    sa.Column('undoes_id', sa.BigInteger(), nullable=True),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('done', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('waits_because', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('trial', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('error_detail', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('sync', 'preview', 'test', 'manual', 'undo')", name=op.f('ck_runs_kind')),
    sa.CheckConstraint("state in ('queued', 'running', 'needs_approval', 'applying', 'succeeded', 'failed', 'interrupted', 'cancelled', 'discarded')", name=op.f('ck_runs_state')),
    sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_runs_admin_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_runs_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_runs_source_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['undoes_id'], ['runs.id'], name=op.f('fk_runs_undoes_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    op.create_index('ix_runs_domain_id', 'runs', ['domain_id', sa.literal_column('id desc')], unique=False)
    op.create_index('ix_runs_open', 'runs', ['state'], unique=False, postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying')"))
    op.create_index('ix_runs_source_id', 'runs', ['source_id', sa.literal_column('id desc')], unique=False)
    op.create_index('uq_runs_open_reader', 'runs', ['source_id', 'kind'], unique=True, postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind in ('test', 'preview')"))
    op.create_index('uq_runs_open_writer', 'runs', ['source_id'], unique=True, postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind not in ('test', 'preview')"))
    op.create_table('users',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('domain_id', sa.BigInteger(), nullable=False),
    sa.Column('group_id', sa.BigInteger(), nullable=False),
    sa.Column('address', sa.String(collation='C'), nullable=False),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('source_id', sa.BigInteger(), nullable=True),
    sa.Column('source_key', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('missing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_hand', postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('exempt', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('billable', sa.Boolean(), sa.Computed("kind = 'mailbox' and status <> 'disabled'", persisted=True), nullable=False),
    sa.CheckConstraint("(origin = 'source') = (source_id is not null)", name=op.f('ck_users_origin')),
    sa.CheckConstraint("kind in ('mailbox', 'shared', 'resource', 'list', 'public_folder')", name=op.f('ck_users_kind')),
    sa.CheckConstraint("status in ('active', 'missing', 'disabled')", name=op.f('ck_users_status')),
    sa.ForeignKeyConstraint(['domain_id'], ['domains.id'], name=op.f('fk_users_domain_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['group_id', 'domain_id'], ['groups.id', 'groups.domain_id'], name=op.f('fk_users_group_id_domain_id')),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_users_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users'))
    )
    op.create_index('ix_users_domain_id_address', 'users', ['domain_id', 'address'], unique=False)
    op.create_index('ix_users_group_id_address', 'users', ['group_id', 'address'], unique=False)
    op.create_index('ix_users_rare_kind', 'users', ['domain_id', 'kind', 'address'], unique=False, postgresql_where=sa.text("kind <> 'mailbox'"))
    op.create_index('ix_users_rare_origin', 'users', ['domain_id', 'origin', 'address'], unique=False, postgresql_where=sa.text("origin <> 'source'"))
    op.create_index('ix_users_rare_status', 'users', ['domain_id', 'status', 'address'], unique=False, postgresql_where=sa.text("status <> 'active'"))
    op.create_index('ix_users_search', 'users', ['search'], unique=False, postgresql_using='gin', postgresql_ops={'search': 'gin_trgm_ops'})
    op.create_index('ix_users_source_id_address', 'users', ['source_id', 'address'], unique=False)
    op.create_index('uq_users_source_key', 'users', ['source_id', 'source_key'], unique=True, postgresql_where=sa.text('source_key is not null'))
    op.create_table('addresses',
    sa.Column('key', sa.String(collation='C'), nullable=False),
    sa.Column('address', sa.String(collation='C'), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_addresses_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_addresses')),
    sa.UniqueConstraint('user_id', 'address', name=op.f('uq_addresses_user_id_address'))
    )
    op.create_foreign_key('fk_users_primary_address', 'users', 'addresses', ['id', 'address'], ['user_id', 'address'], initially='DEFERRED', deferrable=True)
    op.create_table('changes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('contested', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('rival_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_changes_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_changes'))
    )
    op.create_index('ix_changes_run_id', 'changes', ['run_id', 'id'], unique=False)
    op.create_index('ix_changes_user_id', 'changes', ['user_id', sa.literal_column('id desc')], unique=False)
    op.create_table('issues',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_issues_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issues'))
    )
    op.create_index('ix_issues_run_id', 'issues', ['run_id', 'id'], unique=False)


def downgrade():
    op.drop_index('ix_issues_run_id', table_name='issues')
    op.drop_table('issues')
    op.drop_index('ix_changes_user_id', table_name='changes')
    op.drop_index('ix_changes_run_id', table_name='changes')
    op.drop_table('changes')
    op.drop_constraint('fk_users_primary_address', 'users', type_='foreignkey')
    op.drop_table('addresses')
    op.drop_index('uq_users_source_key', table_name='users', postgresql_where=sa.text('source_key is not null'))
    op.drop_index('ix_users_source_id_address', table_name='users')
    op.drop_index('ix_users_search', table_name='users', postgresql_using='gin', postgresql_ops={'search': 'gin_trgm_ops'})
    op.drop_index('ix_users_rare_status', table_name='users', postgresql_where=sa.text("status <> 'active'"))
    op.drop_index('ix_users_rare_origin', table_name='users', postgresql_where=sa.text("origin <> 'source'"))
    op.drop_index('ix_users_rare_kind', table_name='users', postgresql_where=sa.text("kind <> 'mailbox'"))
    op.drop_index('ix_users_group_id_address', table_name='users')
    op.drop_index('ix_users_domain_id_address', table_name='users')
    op.drop_table('users')
    op.drop_index('uq_runs_open_writer', table_name='runs', postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind not in ('test', 'preview')"))
    op.drop_index('uq_runs_open_reader', table_name='runs', postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying') and kind in ('test', 'preview')"))
    op.drop_index('ix_runs_source_id', table_name='runs')
    op.drop_index('ix_runs_open', table_name='runs', postgresql_where=sa.text("state in ('queued', 'running', 'needs_approval', 'applying')"))
    op.drop_index('ix_runs_domain_id', table_name='runs')
    op.drop_table('runs')
    op.drop_table('user_counts')
    op.drop_index('ix_sources_due', table_name='sources', postgresql_where=sa.text('next_run_at is not null'))
    op.drop_index(op.f('ix_sources_domain_id'), table_name='sources')
    op.drop_table('sources')
    op.drop_index('uq_groups_domain_id_name', table_name='groups')
    op.drop_index('uq_groups_default', table_name='groups', postgresql_where=sa.text('is_default'))
    op.drop_table('groups')
    op.drop_index(op.f('ix_domain_names_domain_id'), table_name='domain_names')
    op.drop_table('domain_names')
    op.drop_index(op.f('ix_admin_domains_domain_id'), table_name='admin_domains')
    op.drop_table('admin_domains')
    op.drop_table('domains')
    op.drop_table('admins')
    op.execute("drop extension if exists pg_trgm")
