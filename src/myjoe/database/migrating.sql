-- Migrating: what is asked and recorded beside the migrations themselves.

-- name: lock
-- One migrates at a time; the lock is let go of with the transaction.
select pg_advisory_xact_lock(%(lock)s)

-- name: is_supabase
-- Whether the database has what Supabase has before the first migration runs.
select to_regclass('auth.users') is not null

-- name: is_superuser
select rolsuper from pg_roles where rolname = current_user

-- name: act_as_postgres
-- Objects belong to postgres, as on Supabase, whoever is connected.
select set_config('role', 'postgres', true)

-- name: make_schema
-- The table in which the Supabase CLI records migrations, made as it makes it.
create schema if not exists supabase_migrations

-- name: make_table
create table if not exists supabase_migrations.schema_migrations (version text not null primary key)

-- name: add_columns
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[], add column if not exists name text

-- name: recorded
select version from supabase_migrations.schema_migrations

-- name: record
insert into supabase_migrations.schema_migrations (version, name, statements)
values (%(version)s, %(name)s, %(statements)s)
