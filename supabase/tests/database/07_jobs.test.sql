-- Jobs: their owners watch them without leases, errors and costs; the checks hold the states.
begin;
\ir personas.psql
select plan(26);

insert into public.jobs (user_id, type, payload, status, locked_by, locked_at, lease_until, lease_token, attempts, last_error)
values (user_a(), 'page', '{"page": 1}', 'in_progress', 'tap', now(), now() + interval '5 minutes', 1, 1, 'secret');
insert into public.generations (job_id, user_id, provider, model, width_px, height_px, dpi, bit_depth)
select id, user_id, 'p', 'm', 2550, 3300, 300, 1 from public.jobs where locked_by = 'tap';
insert into public.job_events (job_id, event, lease_token, attempt, at)
select id, 'claimed', 1, 1, now() from public.jobs where locked_by = 'tap';
insert into public.dead_jobs (job_id, user_id, last_error, attempts, died_at)
select id, user_id, 'secret', 1, now() from public.jobs where locked_by = 'tap';

select act_as('visitor');
select throws_ok('select id from public.jobs', '42501', null, 'a visitor may not ask for jobs');
select throws_ok('select id from public.generations', '42501', null, 'or for pages');

select act_as('user A');
select results_eq('select status, attempts, payload ->> ''page'' from public.jobs', $$values ('in_progress', 1, '1')$$,
                  'A sees that A''s page is being drawn');
select throws_ok('select lease_token from public.jobs', '42501', null, 'but not the lease');
select throws_ok('select locked_by from public.jobs', '42501', null, 'nor the worker');
select throws_ok('select last_error from public.jobs', '42501', null, 'nor the error');
select throws_ok('select cogs_max_micro_usd from public.jobs', '42501', null, 'nor what it may cost us');
select throws_ok('update public.jobs set status = ''completed''', '42501', null, 'A changes no job');
select results_eq('select width_px from public.generations', array[2550], 'A sees what was made');
select throws_ok('select * from public.job_events', '42501', null, 'but not each step');
select throws_ok('select * from public.dead_jobs', '42501', null, 'nor the dead jobs');

select act_as('user B');
select is_empty('select id from public.jobs', 'B sees nothing of it');
select is_empty('select id from public.generations', 'nor of what was made');

select act_as('service');
select results_eq('select lease_token::int from public.jobs where locked_by = ''tap''', array[1], 'the service sees leases');
select throws_ok('update public.jobs set status = ''completed''', '42501', null, 'but not even the service writes to jobs by hand');
select throws_ok($$insert into public.jobs (user_id, type) values (user_a(), 'page')$$, '42501', null, 'or adds one');
select throws_ok('insert into public.job_events (event) values (''completed'')', '42501', null, 'or writes the audit');

select act_as('admin');
select results_eq('select last_error from public.dead_jobs where user_id = user_a()', array['secret'], 'an admin sees errors');
select throws_ok('update public.jobs set attempts = 0', '42501', null, 'but changes nothing');
select throws_ok('delete from public.dead_jobs', '42501', null, 'and deletes nothing');

select act_as('owner');
select throws_ok($$insert into public.jobs (user_id, type, status) values (user_a(), 'page', 'in_progress')$$, '23514', null,
                 'a job in progress has a worker');
select throws_ok($$insert into public.jobs (user_id, type, locked_by) values (user_a(), 'page', 'tap')$$, '23514', null,
                 'a pending one has none');
select throws_ok($$insert into public.jobs (user_id, type, status) values (user_a(), 'page', 'completed')$$, '23514', null,
                 'a completed one has an end');
select throws_ok($$insert into public.jobs (user_id, type, attempts) values (user_a(), 'page', 1)$$, '23514', null,
                 'no attempt is without a lease');
select throws_ok($$insert into public.jobs (user_id, type, attempts, lease_token) values (user_a(), 'page', 4, 4)$$, '23514', null,
                 'none is beyond the maximum');
select throws_ok('delete from public.jobs where locked_by = ''tap''', '23503', null, 'and a job that has left something stays');

select * from finish();
rollback;
