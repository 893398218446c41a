-- Rights: nobody may do anything until a migration grants it, and some tables may only grow.
--
-- Supabase's old defaults gave anon, authenticated and service_role every right in public. The new
-- ones (2026) give none. These lines take the defaults away, so that both come to the same: from
-- here on, every grant that exists is one that is written down.

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- PostgreSQL lets PUBLIC execute every function. This default can be revoked for all schemas at
-- once only: with `in schema` the statement has no effect.
alter default privileges revoke execute on functions from public;

-- The role of the people who run the product. Each has an account of their own, which is granted
-- it.
do $$
begin
  create role myjoe_admin nologin noinherit;
exception when duplicate_object or unique_violation then
  null;  -- roles belong to the server, and another database of it made this one
end $$;
grant myjoe_admin to postgres;

-- What the Data API does not expose: functions that move money and jobs, and the dashboard's views.
create schema private;
revoke all on schema private from public;
grant usage on schema private to service_role, myjoe_admin;
grant usage on schema public to myjoe_admin;

-- A trigger for tables that only grow. It stops their owner too, unless he drops it.
create function private.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
  raise insufficient_privilege using message = format('%I only grows: a correction is a new row', tg_table_name);
end $$;
