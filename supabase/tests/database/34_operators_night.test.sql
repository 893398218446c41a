-- What an operator sees at night: for whom pages wait, who holds what, and how it is given back.
begin;
\ir personas.psql
select plan(18);

create temporary table jobs on commit drop as
  select unnest(private.enqueue_jobs(user_a(), null, 'page', '[{}, {}, {}, {}]')) as id;
grant select on jobs to myjoe_admin, service_role;
select act_as('service');
select is_empty('select * from private.operator_troubles', 'no page waits for an operator');
create temporary table held on commit drop as select id, lease_token from private.claim_jobs('w1#abc', 3, 90);
select is((select count(*) from held), 3::bigint, 'three pages are held');
select results_eq('select worker, jobs, silent, free_in from private.lease_holders',
                  $$values ('w1', 3::bigint, interval '0', interval '90 s')$$, 'by one worker, under its own name');
select private.snooze_job(id, lease_token, 300, 'openai: the account is empty', 'account') from held order by id limit 1;
select results_eq('select provider, kind, jobs, reason from private.operator_troubles',
                  $$values ('openai', 'account', 1::bigint, 'openai: the account is empty')$$, 'a page waits for openai''s account');
select throws_ok($$select * from private.admin_release_worker('w1', 'it is dead')$$, '42501', null, 'the service releases nobody');

select act_as('visitor');
select throws_ok('select * from private.operator_troubles', '42501', null, 'a visitor sees nothing of it');
select act_as('user A');
select throws_ok('select * from private.operator_troubles', '42501', null, 'a user sees nothing of it');
select throws_ok('select * from private.lease_holders', '42501', null, 'nor of workers');
select throws_ok($$select * from private.admin_release_worker('w1', 'it is dead')$$, '42501', null, 'and releases nobody');

select act_as('admin');
select is((select count(*) from private.operator_troubles), 1::bigint, 'an admin sees it');
select throws_ok($$select * from private.admin_release_worker('w2', 'it is dead')$$, '22023', 'no worker w2 holds a job',
                 'nobody is no worker');
select throws_ok($$select * from private.admin_release_worker('w1', ' ')$$, '23514', null, 'no act is without a reason');
select results_eq($$select jobs from private.admin_release_worker('w1', 'it is dead')$$, array[2::bigint], 'what it holds is given back');
select results_eq('select action, subject, detail ->> ''jobs'' from public.admin_actions', $$values ('release', 'w1', '2')$$, 'on record');
reset role;
select results_eq('select status, attempts from public.jobs where id in (select id from held) order by scheduled_at limit 2',
                  $$values ('pending', 0), ('pending', 0)$$, 'untried');
select act_as('service');
select is_empty('select private.complete_jobs(array_agg(id), array_agg(lease_token)) from held having false', 'nothing is asked of nobody');
select is((select count(*) from private.complete_jobs((select array_agg(id) from held), (select array_agg(lease_token) from held))),
          0::bigint, 'a worker that lives all the same completes nothing of it');
select is_empty('select * from private.lease_holders', 'and nobody holds anything');

select * from finish();
rollback;
