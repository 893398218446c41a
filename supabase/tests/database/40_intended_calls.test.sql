-- Calls that will be paid for are noted before they are made, by the service alone.
begin;
\ir personas.psql
select plan(17);

select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}]');
select act_as('owner');
create temporary table pages as select id, row_number() over (order by position) as number from public.jobs;
grant select on pages to service_role, authenticated, anon, myjoe_admin;
create function pg_temp.call(page integer, cost bigint) returns jsonb language sql as $$
  select jsonb_build_object('key', 'unknown:' || page, 'job_id', (select id from pages where number = page), 'operation', 'raster',
                            'step', 'raster', 'provider', 'recraft', 'model', 'm', 'cost_micro_usd', cost)
$$;
create function pg_temp.cost(page integer, request text, of_kind text, cost bigint) returns jsonb language sql as $$
  select pg_temp.call(page, cost) || jsonb_build_object('request_id', request, 'kind', of_kind)
$$;
grant execute on function pg_temp.call(integer, bigint), pg_temp.cost(integer, text, text, bigint) to service_role;

select act_as('visitor');
select throws_ok($$select private.intend_call('{}')$$, '42501', null, 'a visitor notes nothing');
select act_as('user A');
select throws_ok($$select private.intend_call('{}')$$, '42501', null, 'nor does a user');
select throws_ok($$select * from private.intended_calls$$, '42501', null, 'who reads none either');
select act_as('admin');
select throws_ok($$select private.intend_call('{}')$$, '42501', null, 'nor does an admin');
select is_empty($$select * from private.intended_calls$$, 'who may read');
select act_as('service');
select throws_ok($$select private.count_intended('{}')$$, '42501', null, 'what is left is counted by those who take jobs back alone');
select lives_ok($$select private.intend_call(pg_temp.call(1, 70))$$, 'the service notes a call');
select lives_ok($$select private.intend_call(pg_temp.call(1, 80))$$, 'as often as it likes');
select results_eq($$select key, cost_micro_usd from private.intended_calls$$, $$values ('unknown:1', 80::bigint)$$, 'and it is one');
select is_empty($$select * from public.cost_events$$, 'which has cost nothing yet');

select lives_ok($$select private.record_costs(jsonb_build_array(pg_temp.cost(1, 'unknown:1', 'resolved', null),
                                                                pg_temp.cost(1, 'r1', 'measured', 75)))$$, 'it has a name now');
select is_empty($$select * from private.intended_calls$$, 'and the note is gone');
select private.record_costs(jsonb_build_array(pg_temp.cost(1, 'unknown:1', 'resolved', null), pg_temp.cost(1, 'r1', 'measured', 75)));
select results_eq($$select provider_request_id, kind, cost_micro_usd from public.cost_events$$,
                  $$values ('r1', 'measured', 75::bigint)$$, 'said twice, it is booked once');

select private.intend_call(pg_temp.call(2, 80));
select act_as('owner');
select private.count_intended(array(select id from pages));
select results_eq($$select provider_request_id, kind, cost_micro_usd from public.cost_events where provider_request_id <> 'r1'$$,
                  $$values ('unknown:2', 'estimated', 80::bigint)$$, 'a call whose asker is gone is counted');
select private.count_intended(array(select id from pages));
select is((select count(*)::int from public.cost_events), 2, 'once');
select act_as('service');
select private.record_costs(jsonb_build_array(pg_temp.cost(2, 'unknown:2', 'resolved', null), pg_temp.cost(2, 'r2', 'measured', 60)));
select private.record_costs(jsonb_build_array(pg_temp.cost(2, 'unknown:2', 'resolved', null), pg_temp.cost(2, 'r2', 'measured', 60)));
select is((select sum(cost_micro_usd)::int from public.cost_events), 135, 'and set right by an answer that comes after all');
select is((select count(*)::int from public.cost_events where kind = 'correction'), 1, 'once');

select * from finish();
rollback;
