-- Nobody may do anything until a migration grants it.
--
-- Supabase's old defaults gave anon, authenticated and service_role everything in public, the new ones (2026) give nothing. Taking back
-- what future objects would get makes both the same: from here on, every grant that exists is one that is written down.

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- Execute for PUBLIC is built in, and can only be taken back for all schemas at once: with `in schema` this line does nothing.
alter default privileges revoke execute on functions from public;

-- People who run the product, each under an account of their own that is granted this role.
do $$
begin
  create role myjoe_admin nologin noinherit;
exception when duplicate_object or unique_violation then
  null;  -- roles belong to the server, and another database of it made this one
end $$;
grant myjoe_admin to postgres;

-- What is not for the Data API: functions that move money and jobs, and the views of the dashboard.
create schema private;
revoke all on schema private from public;
grant usage on schema private to service_role, myjoe_admin;
grant usage on schema public to myjoe_admin;
