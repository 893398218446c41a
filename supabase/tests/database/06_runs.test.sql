-- Projects are their users' own. Runs are only to be looked at.
begin;
\ir personas.psql
select plan(22);

insert into public.projects (user_id, name) values (user_b(), 'B''s book');

select act_as('user A');
select lives_ok('insert into public.projects (name) values (''A''''s book'')', 'A makes a project');
select results_eq('select name from public.projects', array['A''s book'], 'and sees no other');
select throws_ok($$insert into public.projects (user_id, name) values (user_b(), 'a gift')$$, '42501', null, 'A makes none for B');
select results_eq('update public.projects set name = ''A''''s new book'' returning user_id', array[user_a()],
                  'A renames A''s project, and no other');
select throws_ok($$update public.projects set user_id = user_b()$$, '42501', null, 'A gives none away');
select throws_ok('insert into public.projects (name) values ('''')', '23514', null, 'a project has a name');

select act_as('owner');
insert into public.runs (user_id, project_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at)
select user_id, id, 'lite', '{"pages": []}', 1, 2, 9000, now() from public.projects;
insert into public.idempotency_keys (user_id, key, request_hash, answer, run_id)
select user_id, 'key', '\x00', '{}', id from public.runs;

select act_as('visitor');
select throws_ok('select * from public.projects', '42501', null, 'a visitor sees no projects');
select throws_ok('select id from public.runs', '42501', null, 'and no runs');

select act_as('user A');
select results_eq('select user_id from public.runs', array[user_a()], 'A sees A''s run alone');
select throws_ok('select cogs_worst_micro_usd from public.runs', '42501', null, 'but not what it may cost us');
select throws_ok('update public.runs set credits_half = 0', '42501', null, 'A changes no run');
select throws_ok('select * from public.idempotency_keys', '42501', null, 'and sees no keys');

select act_as('user B');
select results_eq('select name from public.projects', array['B''s book'], 'B sees B''s project alone');
select is_empty('delete from public.projects where name like ''A%'' returning id', 'and cannot delete A''s');
select results_eq('select user_id from public.runs', array[user_b()], 'B sees B''s run alone');

select act_as('service');
select results_eq('select count(*)::int from public.runs where user_id in (user_a(), user_b())', array[2], 'the service sees all runs');
select throws_ok($$insert into public.runs (user_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at)
                   values (user_a(), 'lite', '{}', 1, 2, 0, now())$$, '42501', null, 'but makes none by hand');
select throws_ok('update public.projects set name = ''ours''', '42501', null, 'and edits no project');

select act_as('admin');
select results_eq('select count(*)::int from public.idempotency_keys where key = ''key''', array[2], 'an admin sees the keys');
select throws_ok('delete from public.runs', '42501', null, 'but deletes nothing');

select act_as('user A');
select lives_ok('delete from public.projects', 'A deletes A''s project');
select results_eq('select project_id from public.runs', array[null::uuid], 'and what was paid for in it stays');

select * from finish();
rollback;
