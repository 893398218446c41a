-- How jobs end: by the one who holds the lease, or by their user's will; and what did not complete
-- is paid back.
begin;
\ir personas.psql
select plan(24);

select private.add_credits(user_a(), 'grant', 20, 'grant:tap');
insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');
select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'max', 'active', now());
create temporary table run on commit drop as
  select (private.submit_run(user_a(), project_a(), 'key', jsonb_build_object('pages', (
    select jsonb_agg('{"operations": ["raster"]}'::jsonb) from generate_series(1, 7)))) ->> 'run_id')::uuid as id;
create temporary table held on commit drop as
  select row_number() over (order by payload ->> 'page') as n, id, lease_token from private.claim_jobs('tap', 6);
grant select on run, held to authenticated, service_role, anon, myjoe_admin;

select act_as('visitor');
select throws_ok('select private.cancel_jobs(null, null)', '42501', null, 'a visitor cancels nothing');

select act_as('user A');
select throws_ok('select private.complete_jobs(null, null)', '42501', null, 'a user completes no job');
select throws_ok('select private.cancel_jobs(null, null)', '42501', null, 'and cancels through the product alone');

select act_as('admin');
select throws_ok('select private.fail_job(null, 1, ''e'', ''k'')', '42501', null, 'an admin ends no job');

select act_as('service');
select is_empty('select private.complete_jobs(array(select id from held where n = 1), array[99])', 'another token completes nothing');
select results_eq($$select private.complete_jobs(array(select id from held where n = 1), array[1], array[
                    '{"provider": "p", "model": "m", "width_px": 1, "height_px": 1, "dpi": 300, "bit_depth": 1}'::jsonb])$$,
                  'select id from held where n = 1', 'the lease''s own does');
select results_eq('select private.complete_jobs(array(select id from held where n = 1), array[1])', 'select id from held where n = 1',
                  'and is told so again when it asks again');
select is((select private.fail_job(id, 99, 'e', 'k') from held where n = 2), 'lost', 'whoever lost the lease fails nothing');
select is((select private.fail_job(id, 1, 'e', 'k') from held where n = 2), 'retried', 'a failed attempt is tried again');
select is((select private.fail_job(id, 1, 'e', 'k', true) from held where n = 3), 'failed', 'unless it failed for good');
select is((select private.snooze_job(id, 1, 60, 'busy', 'provider') from held where n = 4), 'snoozed', 'a job can be put off');
select set_config('role', 'none', true);
update public.jobs set started_at = started_at - interval '12 hours' where id = (select id from held where n = 5);
select act_as('service');
select is((select private.snooze_job(id, 1, 60, 'busy', 'provider') from held where n = 5), 'failed', 'but not for half a day');
select results_eq('select private.release_jobs(array(select id from held where n = 6), array[1])', 'select id from held where n = 6',
                  'a job can be handed back');
select results_eq('select status, attempts from public.jobs j join held using (id) where n in (4, 6)',
                  $$values ('pending', 0), ('pending', 0)$$, 'and neither counts as an attempt');
select is(private.reclaim_jobs(), 0, 'no lease has run out');
select throws_ok('select private.end_jobs(null, ''failed'', null, null)', '42501', null, 'the service ends no job but by these');
select results_eq($$select cancelled, requested from run, private.cancel_jobs(user_b(), run.id)$$, 'values (0, 0)',
                  'B cannot have A''s run cancelled');
select results_eq($$select cancelled, requested from run, private.cancel_jobs(user_a(), run.id)$$, 'values (4, 0)',
                  'what waits is cancelled at once');
select is_empty('select private.cancel_requested(array(select id from held))', 'and nothing that runs is asked to stop');
select results_eq($$select balance_half::int from public.credit_accounts where user_id = user_a()$$, array[18],
                  'one page was drawn, and the other six are paid back');

select act_as('user A');
select results_eq('select status, count(*)::int from public.jobs group by 1 order by 1',
                  $$values ('cancelled', 4), ('completed', 1), ('failed', 2)$$, 'A sees how each ended');
select results_eq('select count(*)::int from public.generations', array[1], 'and what was made');

select act_as('user B');
select is_empty('select id from public.jobs', 'B sees nothing of it');

select act_as('admin');
select results_eq('select last_error from public.dead_jobs join held on held.id = job_id order by 1', array['busy', 'e'],
                  'an admin sees why jobs died');

select * from finish();
rollback;
