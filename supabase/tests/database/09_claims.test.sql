-- Claims: the service leases jobs, users in turn, and only a lease's own token renews it.
begin;
\ir personas.psql
select plan(21);

select private.enqueue_jobs(user_a(), null, 'page', '[{"payload": "A1"}, {"payload": "A2"}, {"payload": "A3"}]');
select private.enqueue_jobs(user_b(), null, 'page', '[{"payload": "B1"}]');

select act_as('visitor');
select throws_ok('select * from private.claim_jobs(''tap'')', '42501', null, 'a visitor claims nothing');

select act_as('user A');
select throws_ok('select * from private.claim_jobs(''tap'')', '42501', null, 'a user claims nothing');
select throws_ok('select * from private.claim_once(''tap'', false, 1, 300, null)', '42501', null, 'in any way');

select act_as('admin');
select throws_ok('select * from private.claim_jobs(''tap'')', '42501', null, 'an admin claims nothing');
select throws_ok('select private.next_due()', '42501', null, 'and does not do a worker''s work');

select act_as('service');
select throws_ok('select * from private.claim_jobs(null)', '22023', null, 'a claim has a name');
select throws_ok('select * from private.claim_jobs(''tap'', 0)', '22023', null, 'and asks for a job at least');
select throws_ok('select private.pick_jobs(1, 1, 0)', '42501', null, 'a claim is more than a choice of jobs');
create temporary table claimed on commit drop as
  select * from private.claim_once('tap', false, 2, 300, null);
select results_eq($$select payload #>> '{}', attempts, lease_token::int from claimed order by 1$$,
                  $$values ('A1', 1, 1), ('B1', 1, 1)$$, 'two jobs are of two users');
select bag_eq('select id from private.claim_once(''tap'', false, 2, 300, null)', 'select id from claimed',
              'the same claim again gets the same jobs');
select results_eq('select count(*)::int from private.confirm_claims(array(select id from claimed), array[1, 1])', array[2],
                  'both claims hold');
select is_empty('select * from private.confirm_claims(array(select id from claimed), array[2, 2])', 'under their own tokens');
select is_empty('select * from private.heartbeat_jobs(array(select id from claimed), array[2, 2])', 'nobody else renews a lease');
select results_eq($$select count(*)::int from private.heartbeat_jobs(array(select id from claimed), array[1, 1], 600)
                    where lease_until = private.clock() + interval '10 minutes' and not cancel$$, array[2], 'whoever has it does');
select is_empty('select * from private.claim_jobs(''capped'', 9, 300, 1)', 'A has a job running, and a cap of one lets no second through');
select results_eq($$select payload #>> '{}' from private.claim_jobs('capped', 9, 300, 2)$$, array['A2'], 'a cap of two lets one');
select results_eq($$select payload #>> '{}' from private.claim_jobs('third', 9)$$, array['A3'], 'without a cap A gets the rest');
select is(private.next_due(), 300::double precision, 'the next lease runs out in five minutes');
select throws_ok('update public.jobs set lease_until = now()', '42501', null, 'and nobody sets one by hand');

select act_as('user A');
select results_eq('select distinct status from public.jobs', array['in_progress'], 'A sees that all of it is being drawn');

select act_as('user B');
select results_eq('select count(*)::int from public.jobs', array[1], 'B sees B''s job alone');

select * from finish();
rollback;
