-- Leases outlast a silence of all workers: who comes first after two thirds of one begins an
-- opening.
begin;
\ir personas.psql
select plan(13);

select act_as('visitor');
select throws_ok($$select private.hear(90)$$, '42501', null, 'a visitor is not heard');
select act_as('user A');
select throws_ok($$select private.hear(90)$$, '42501', null, 'nor is a user');
select throws_ok($$select last_value from private.heard$$, '42501', null, 'or learns when a worker was');
select act_as('admin');
select throws_ok($$select private.hear(90)$$, '42501', null, 'nor is an admin');
select act_as('service');
select throws_ok($$select private.hear(90)$$, '42501', null, 'the service is heard by claiming and renewing');

select act_as('owner');
select setval('private.heard', private.machine_us() - 55000000), setval('private.leases_opening', private.opened_us());
select act_as('service');
select lives_ok($$select private.claim_once('w#1', false, 1, 90, null)$$, 'a worker claims 55 s after the last was heard');
select act_as('owner');
select ok((select last_value from private.heard) > private.machine_us() - 30000000, 'it was heard');
select is((select last_value from private.leases_opening), private.opened_us(), 'and 55 s are no silence for leases of 90 s');

select private.enqueue_jobs(user_a(), null, 'page', '[{}]');
select count(*) from private.claim_once('dead#1', false, 1, 90, null);
update public.jobs set lease_until = private.clock() - interval '1 second', locked_at = private.clock() - interval '91 seconds';
select setval('private.heard', private.machine_us() - 61000000);
select act_as('service');
select is_empty($$select * from private.heartbeat_jobs('{}', '{}', 90)$$, 'another renews what it holds, which is nothing, 61 s later');
select act_as('owner');
select isnt((select last_value from private.leases_opening), private.opened_us(), 'they were a silence of all');
select is_empty($$select * from private.claim_once('w#2', false, 1, 90, null)$$, 'so what ran out meanwhile is not taken back at once');
select results_eq($$select locked_by, lease_until = private.clock() + interval '45 seconds' from public.jobs$$,
                  $$values ('dead#1'::text, true)$$, 'but has half its time more');
update public.jobs set lease_until = private.clock() - interval '1 second';
select results_eq($$select lease_token from private.claim_once('w#3', false, 1, 90, null)$$, $$values (2::bigint)$$, 'and that once');

select * from finish();
rollback;
