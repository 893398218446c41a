-- Row level security is on for every table, and each has a policy. `supabase test db` runs these
-- files, and so do our own tests.
begin;
create schema if not exists extensions;
create extension if not exists pgtap with schema extensions;
set local search_path = extensions, public;
select plan(3);

select is_empty($$
  select oid::regclass from pg_class
  where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind in ('r', 'p') and not relrowsecurity
$$, 'row level security is on everywhere');

select is_empty($$
  select oid::regclass from pg_class c
  where relnamespace in ('public'::regnamespace, 'private'::regnamespace) and relkind in ('r', 'p')
    and not exists (select from pg_policy where polrelid = c.oid)
$$, 'every table has a policy');

select is_empty($$
  select p.oid::regprocedure from pg_proc p, unnest(array['anon', 'authenticated']) as role
  where pronamespace in ('public'::regnamespace, 'private'::regnamespace) and has_function_privilege(role, p.oid, 'execute')
$$, 'no function of ours can be called through the API');

select * from finish();
rollback;
