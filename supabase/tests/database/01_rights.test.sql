-- Rights: row level security is on everywhere, nobody gets anything by default, and what only grows
-- is not changed by anybody. `supabase test db` runs these files, and so do our own tests.
begin;
\ir personas.psql
select plan(17);

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
select results_eq($$
  select tgrelid::regclass::text from pg_trigger where tgname = 'only_grows' order by 1
$$, array['admin_actions', 'cost_events', 'credit_ledger', 'job_events'], 'four tables only grow');

select act_as('owner');
create table public.fresh (id integer);
create function private.fresh() returns integer language sql as 'select 1';
select throws_ok('truncate public.job_events', '42501', null, 'not even the owner empties what only grows');
select throws_ok('delete from public.cost_events', '42501', null, 'or deletes a row of it');

select act_as('visitor');
select throws_ok('select * from public.fresh', '42501', null, 'a visitor may not read a table that nobody granted');
select throws_ok('select private.fresh()', '42501', null, 'or call a function');

select act_as('user A');
select throws_ok('select * from public.fresh', '42501', null, 'no more may a user');
select throws_ok('select private.fresh()', '42501', null, 'who has no access to the schema private at all');
select throws_ok('create table public.mine (id integer)', '42501', null, 'and makes no tables');

select act_as('service');
select throws_ok('select * from public.fresh', '42501', null, 'no more may the service');
select throws_ok('select private.fresh()', '42501', null, 'which calls only what is granted to it');
select throws_ok('create table private.mine (id integer)', '42501', null, 'and makes no tables');

select act_as('admin');
select throws_ok('select * from public.fresh', '42501', null, 'no more may an admin');
select throws_ok('select private.fresh()', '42501', null, 'who calls only what is granted to admins');
select throws_ok('create table private.mine (id integer)', '42501', null, 'and makes no tables');

select * from finish();
rollback;
