-- A job that is taken back waits for a call that may be under way, and no longer than that.
begin;
\ir personas.psql
select plan(16);

select private.enqueue_jobs(user_a(), null, 'page', '[{}]');
select act_as('owner');
create function pg_temp.call(more jsonb) returns jsonb language sql as $$
  select jsonb_build_object('key', 'unknown:1', 'job_id', (select id from public.jobs), 'operation', 'vector', 'step', 'raster',
                            'provider', 'recraft', 'model', 'm', 'cost_micro_usd', 70) || more
$$;
grant execute on function pg_temp.call(jsonb) to service_role;
create function pg_temp.take_back() returns integer language plpgsql as $$
begin
  update public.jobs set lease_until = private.clock() - interval '1 second' where status = 'in_progress';
  perform setval('private.leases_opening', private.opened_us());
  return private.reclaim_jobs();
end $$;

select act_as('visitor');
select throws_ok($$select private.intend_call(pg_temp.call('{}'))$$, '42501', null, 'a visitor notes no call');
select act_as('user A');
select throws_ok($$select private.intend_call(pg_temp.call('{}'))$$, '42501', null, 'nor does a user');
select act_as('admin');
select throws_ok($$select private.intend_call(pg_temp.call('{}'))$$, '42501', null, 'nor does an admin');
select act_as('service');
select count(*) from private.claim_once('w#1', false, 1, 90, null);
select is(private.intend_call(pg_temp.call('{"token": 1, "seconds": 90}')), true, 'who holds the job notes a call');
select is(private.intend_call(pg_temp.call('{"token": 7, "seconds": 90}')), false, 'and nobody else');
select is(private.intend_call(pg_temp.call(jsonb_build_object('job_id', gen_random_uuid(), 'token', 1))), false, 'or for no job');
select act_as('owner');
select is(pg_temp.take_back(), 1, 'its lease runs out');
select results_eq($$select status, scheduled_at - private.clock() between interval '80 seconds' and interval '90 seconds', last_error
                    from public.jobs$$,
                  $$values ('pending'::text, true, 'lease of w#1 ran out; its call to recraft may be under way'::text)$$,
                  'it waits until the call has ended, and says so');
select results_eq($$select provider_request_id, kind from public.cost_events$$, $$values ('unknown:1'::text, 'estimated'::text)$$,
                  'which counts as paid');
select act_as('service');
select is(private.intend_call(pg_temp.call('{"token": 1, "seconds": 90}')), false, 'nobody buys for a job that was taken back');
select private.record_costs(jsonb_build_array(pg_temp.call('{"request_id": "r1", "kind": "measured"}')));
select is_empty($$select * from private.claim_once('w#2', false, 1, 90, null)$$, 'another call that is booked changes nothing');
select private.record_costs(jsonb_build_array(pg_temp.call('{"request_id": "unknown:1", "kind": "resolved"}')));
select results_eq($$select lease_token from private.claim_once('w#3', false, 1, 90, null)$$, $$values (2::bigint)$$,
                  'who tells that it has ended lets the next go on');
select is((select sum(cost_micro_usd)::int from public.cost_events), 70, 'and it is booked once');

select is(private.intend_call(pg_temp.call('{"key": "unknown:2", "seconds": 1e9}')), true, 'an older version names no lease');
select act_as('owner');
select pg_temp.take_back();
select ok((select scheduled_at <= private.clock() + interval '1 hour' from public.jobs), 'no call is waited for longer than an hour');
update public.jobs set scheduled_at = private.clock() + interval '30 seconds', error_kind = 'busy';
select act_as('service');
select private.record_costs(jsonb_build_array(pg_temp.call('{"request_id": "unknown:2", "kind": "resolved"}')));
select ok((select scheduled_at > private.clock() + interval '29 seconds' from public.jobs), 'who waits for something else goes on waiting');

select * from finish();
rollback;
