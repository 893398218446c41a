-- Costs are booked by the service and seen by admins, and the guard acts on them.
begin;
\ir personas.psql
select plan(22);

create temporary table job on commit drop as
  select unnest(private.enqueue_jobs(user_a(), null, 'page', '[{}, {}, {}, {}, {}]')) as id;
grant select on job to service_role;

select act_as('service');
select is((select private.record_costs(jsonb_agg(jsonb_build_object(
  'job_id', id, 'operation', 'raster', 'step', 'raster', 'provider', 'replicate', 'model', 'm', 'request_id', id, 'kind', 'estimated',
  'cost_micro_usd', 1000000))) from job), 5, 'the service books what five pages may have cost');
select is((select private.record_costs(jsonb_agg(jsonb_build_object(
  'job_id', id, 'operation', 'raster', 'step', 'raster', 'provider', 'replicate', 'model', 'm', 'request_id', id,
  'cost_micro_usd', 1000000))) from (select id from job order by id limit 4) as four), 4, 'and four that were measured as corrections');
select is((select private.record_costs(jsonb_agg(jsonb_build_object(
  'job_id', id, 'operation', 'raster', 'step', 'raster', 'provider', 'replicate', 'model', 'm', 'request_id', id,
  'cost_micro_usd', 1000000))) from (select id from job order by id limit 4) as four), 0, 'once');
select results_eq('select count(*)::int from job, private.open_requests(job.id)', array[1], 'one request is still open');
select throws_ok($$select private.record_costs('[{"cost_micro_usd": 1}]')$$, '22023', null, 'a cost belongs to somebody');
select throws_ok('delete from public.cost_events', '42501', null, 'and is not deleted');
select throws_ok('insert into public.cost_events (step) values (''judge'')', '42501', null, 'or written by hand');
select results_eq('select level from private.cogs_drift where operation = ''raster''', array['red'], 'a dollar a page is too much');
select results_eq('select action from private.guard_costs() where level = ''red''', array['fallback'],
                  'so the guard goes to the fallback provider');
select is_empty('select * from private.guard_costs() where action is not null', 'and does so once');
select results_eq('select uses_fallback, switched_off from public.operations where code = ''raster''', 'values (true, false)',
                  'the operation is not off');

select act_as('visitor');
select throws_ok('select * from public.cost_events', '42501', null, 'a visitor sees no costs');

select act_as('user A');
select throws_ok('select * from public.cost_events', '42501', null, 'no more does the user who caused them');
select throws_ok('select * from private.cogs_drift', '42501', null, 'nor what the guard sees');
select throws_ok('select private.record_costs(''[]'')', '42501', null, 'and a user books none');

select act_as('admin');
select results_eq('select sum(cost_micro_usd)::int from public.cost_events where user_id = user_a()', array[5000000],
                  'an admin sees what was spent');
select results_eq('select jobs::int from private.queue_depth where state = ''waiting''', array[5], 'and how many jobs wait');
select is_empty('select * from private.failures', 'and that none failed');
select throws_ok('select private.guard_costs()', '42501', null, 'but does not act as the guard');
select throws_ok('update public.cost_events set cost_micro_usd = 0', '42501', null, 'or change a cost');

select act_as('user B');
select throws_ok('select * from public.cost_events', '42501', null, 'B sees no costs either');
select is_empty('select id from public.jobs', 'and none of A''s jobs');

select * from finish();
rollback;
