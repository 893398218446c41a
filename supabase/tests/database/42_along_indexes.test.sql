-- What people wait for goes along an index, and who may do it is as before. The plans themselves
-- are asserted among many rows, outside of here.
begin;
\ir personas.psql
select plan(15);

select ok('enable_seqscan=off' = any (p.proconfig), p.proname || ' reads no table whole')
from pg_proc p where p.oid = any (array['private.take_rate(text, integer, integer)', 'private.book_payment(uuid, text, jsonb, jsonb)',
  'private.export_account_v1(uuid)', 'private.count_intended(uuid[])', 'private.end_jobs(uuid[], text, text, text)']::regprocedure[]);

select act_as('visitor');
select throws_ok($$select private.redraw_pages(user_a(), user_a(), 'redraw-tap')$$, '42501', null, 'a visitor draws nothing again');
select act_as('user A');
select throws_ok($$select private.redraw_pages(user_a(), user_a(), 'redraw-tap')$$, '42501', null, 'nor does a user by themselves');
select act_as('admin');
select throws_ok($$select private.redraw_pages(user_a(), user_a(), 'redraw-tap')$$, '42501', null, 'nor an admin');

-- A page of A's and one of B's came to nothing.
select act_as('owner');
select private.put_subscription(person, 'sub_' || person, 'cus_tap', 'max', 'active', private.clock()),
       private.add_credits(person, 'grant', 40, 'grant:' || person)
from unnest(array[user_a(), user_b()]) as person;
insert into public.projects (user_id, name) values (user_a(), 'A'), (user_b(), 'B');
create temporary table ordered as
select user_id,
       (private.submit_run(user_id, id, 'tap', '{"pages": [{"operations": ["raster"], "prompt": "a cat"}]}') ->> 'run_id')::uuid as run
from public.projects where user_id in (user_a(), user_b()) and name in ('A', 'B');
select private.end_jobs(array(select id from public.jobs where run_id in (select run from ordered)), 'failed', 'no', 'provider');
select is(count(*), 2::bigint, 'two are dead') from public.dead_jobs where requeued_as is null;
grant select on ordered to service_role;

select act_as('service');
select is(private.redraw_pages(user_a(), run, 'redraw-tap') ->> 'accepted', 'true', 'A has it drawn again')
from ordered where user_id = user_a();
select act_as('owner');
select is(j.run_id, (select run from ordered where user_id = user_a()), 'what is dead leads to what was ordered in its place')
from public.dead_jobs d join public.jobs j on j.id = d.requeued_as;
select results_eq('select user_id from public.dead_jobs where requeued_as is null', array[user_b()], 'B''s stays with the admins');
select act_as('service');
select is(private.redraw_pages(user_a(), run, 'redraw-tap') ->> 'accepted', 'true', 'the same click again is answered as before')
from ordered where user_id = user_a();
select act_as('owner');
select is(count(*), 2::bigint, 'and draws nothing more') from public.jobs j join ordered o on o.run = j.run_id where o.user_id = user_a();
select throws_ok($$select private.redraw_pages(user_b(), (select run from ordered where user_id = user_a()), 'redraw-tap2')$$, null, null,
                 'B draws none of A''s again');

select * from finish();
rollback;
