-- The queue's order: users are served in turn, and who is not in the queue yet gets in at its time.
begin;
\ir personas.psql
select plan(26);

select act_as('owner');
select lives_ok($$select private.enqueue_jobs(user_a(), null, 'page', '[{"payload": "A1"}, {"payload": "A2"}, {"payload": "A3"}]')$$,
                'A adds three jobs');
select lives_ok($$select private.enqueue_jobs(user_b(), null, 'page', '[{"payload": "B1"}]')$$, 'and then B adds one');
select lives_ok($$select private.enqueue_jobs(user_b(), null, 'page', '[{"payload": "urgent"}]', 1)$$, 'and one at a more urgent priority');
select lives_ok($$select private.enqueue_jobs(user_a(), null, 'page', '[{"payload": "later"}]', 100, private.clock() + interval '1 hour')$$,
                'and A one that has to wait for its time');
select results_eq($$select payload #>> '{}' from public.jobs where user_id in (user_a(), user_b()) and position is not null
                    order by position, payload$$,
                  array['urgent', 'A1', 'B1', 'A2', 'A3'], 'the urgent one comes first, then the users in turn');
select results_eq($$select payload #>> '{}' from public.jobs where user_id in (user_a(), user_b()) and position is null$$, array['later'],
                  'and what waits for its time has no position');
select lives_ok('select private.enqueue_due(100)', 'its time has not come');
select results_eq($$select count(*)::int from public.jobs where user_id in (user_a(), user_b()) and position is null$$, array[1],
                  'so it stays where it is');
update public.jobs set scheduled_at = private.clock() where user_id = user_a() and position is null;
select lives_ok('select private.enqueue_due(100)', 'when it has come');
select is_empty($$select id from public.jobs where user_id in (user_a(), user_b()) and position is null$$, 'the job gets a position');
select is(private.enqueue_jobs(user_a(), null, 'page', '[]'), '{}', 'no jobs are no error');

select results_eq('select private.priority_of(p), private.virtual_time_of(p) from private.position_of(9999, 5) as p',
                  'values (9999, 5::bigint)', 'a position holds a priority and a virtual time');
select ok(private.position_of(1, 281474976710655) < private.position_of(2, 0), 'and orders by the priority first');

select act_as('visitor');
select throws_ok($$select private.enqueue_jobs(user_a(), null, 'page', '[{}]')$$, '42501', null, 'a visitor adds no jobs');

select act_as('user A');
select throws_ok($$select private.enqueue_jobs(user_a(), null, 'page', '[{}]')$$, '42501', null, 'no more does a user');
select throws_ok('select position from public.jobs', '42501', null, 'who does not see the order');
select throws_ok('select * from private.virtual_times', '42501', null, 'or the virtual times');

select act_as('service');
select throws_ok($$select private.enqueue_jobs(user_a(), null, 'page', '[{}]')$$, '42501', null,
                 'the service adds jobs through the governor alone');
select throws_ok($$select private.take_virtual_times(user_a(), 1, false, 1)$$, '42501', null, 'and takes no virtual times');
select throws_ok('select private.enqueue_due(1)', '42501', null, 'or puts jobs in the queue');
select results_eq($$select count(*)::int from private.confirm_jobs(array(
                      select id from public.jobs where user_id in (user_a(), user_b())))$$, array[6],
                  'but may confirm that jobs are there');
select is_empty($$select private.confirm_jobs(array[user_a()])$$, 'and learns which are not');
select throws_ok('update private.virtual_times set virtual_time = 0', '42501', null, 'it changes none');

select act_as('admin');
select results_eq($$select count(*)::int from private.virtual_times where user_id in (user_a(), user_b())$$, array[4],
                  'an admin sees them');
select throws_ok('delete from private.virtual_times', '42501', null, 'but changes none');

select act_as('user B');
select results_eq('select count(*)::int from public.jobs', array[2], 'B sees B''s jobs alone');

select * from finish();
rollback;
