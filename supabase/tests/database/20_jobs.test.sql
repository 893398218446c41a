-- A run, as its persons see it: the service submits and works, the owner watches, nobody else sees
-- anything.
begin;
create schema if not exists extensions;
create extension if not exists pgtap with schema extensions;
grant usage on schema extensions to authenticated, service_role;
set local search_path = extensions, public;
select plan(9);

insert into auth.users (id) values ('00000000-0000-4000-8000-0000000000aa'), ('00000000-0000-4000-8000-0000000000bb');
insert into public.projects (id, user_id, name)
values ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000aa', 'A''s book');

set local role service_role;
select ok(private.put_subscription('00000000-0000-4000-8000-0000000000aa', 'sub_tap', 'cus_tap', 'lite', 'active', now()), 'A has a plan');
select ok(private.add_credits('00000000-0000-4000-8000-0000000000aa', 'grant', 3, 'grant:tap'), 'and one and a half credits');
select is(private.submit_run('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000a1', 'key',
                             '{"pages": [{"operations": ["raster"]}]}') ->> 'balance_half', '1', 'a page burns one credit');
select is(private.submit_run('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000a1', 'other',
                             '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'insufficient_credits', 'a second one is refused');
select results_eq('select attempts, lease_token::int from private.claim_jobs(''tap'', 1)', 'values (1, 1)', 'a worker claims it');
select throws_ok('update public.jobs set status = ''completed''', '42501', null, 'not even the service writes to jobs by hand');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000aa"}', true);
select results_eq('select status from public.jobs', array['in_progress'], 'A sees that it is being drawn');
select throws_ok('select lease_token from public.jobs', '42501', null, 'but not the lease');
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000bb"}', true);
select is_empty('select id from public.jobs', 'B sees nothing of it');

select * from finish();
rollback;
