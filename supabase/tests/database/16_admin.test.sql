-- What admins do by hand: only by these functions, each with a reason, each on record.
begin;
\ir personas.psql
select plan(25);

select private.add_credits(user_a(), 'grant', 4, 'grant:tap');
create temporary table dead on commit drop as
  select unnest(private.enqueue_jobs(user_a(), null, 'page', '[{"credits_half": 2}]')) as id;
select private.claim_jobs('tap', 1);
select private.fail_job(id, 1, 'it broke', 'provider', true) from dead;
grant select on dead to myjoe_admin, service_role;

select act_as('visitor');
select throws_ok($$select private.admin_look(user_a(), 'curious')$$, '42501', null, 'a visitor looks at nobody');
select throws_ok('select * from public.admin_actions', '42501', null, 'and does not see who did');

select act_as('user A');
select throws_ok($$select private.admin_adjust_credits(user_a(), 100, 'for me', 'r')$$, '42501', null, 'a user gives nobody credits');
select throws_ok('select * from public.admin_actions', '42501', null, 'and does not see who did');

select act_as('service');
select throws_ok($$select private.admin_look(user_a(), 'curious')$$, '42501', null, 'the service is no admin');
select throws_ok($$select private.admin_requeue(id, 'again') from dead$$, '42501', null, 'and requeues nothing');

select act_as('admin');
select throws_ok($$select private.admin_adjust_credits(user_a(), 1, '', 'r')$$, '23514', null, 'no act is without a reason');
select ok(private.admin_adjust_credits(user_a(), 6, 'an outage', 'r'), 'an admin gives credits');
select ok(not private.admin_adjust_credits(user_a(), 6, 'an outage', 'r'), 'once for a request');
select throws_ok($$select private.admin_adjust_credits(user_a(), 7, 'an outage', 'r')$$, '23505', null, 'which is for one amount');
select throws_ok($$select private.admin_adjust_credits(user_a(), -100, 'a mistake', 'r 2')$$, '23514', null,
                 'and takes no more than there is');
select isnt((select private.admin_requeue(id, 'it works again') from dead), null, 'a dead job is tried again');
select throws_ok($$select private.admin_requeue(id, 'it works again') from dead$$, '22023', null, 'once');
select lives_ok($$select private.admin_switch('raster', true, false, 'the provider is out')$$, 'an operation is switched off');
select throws_ok($$select private.admin_switch('sculpture', true, false, 'nonsense')$$, '22023', null, 'if there is such a one');
select is(private.admin_look(user_a(), 'a question by mail') ->> 'email', 'a@example.com', 'a user is looked at');
select throws_ok($$select private.admin_look('00000000-0000-4000-8000-0000000000cc', 'a question')$$, '22023', null, 'if there is one');
select results_eq('select action, reason from public.admin_actions order by id',
                  $$values ('adjust_credits', 'an outage'), ('requeue', 'it works again'), ('switch', 'the provider is out'),
                           ('look', 'a question by mail')$$, 'and all of it is on record');
select throws_ok('delete from public.admin_actions', '42501', null, 'which nobody deletes');
select throws_ok($$select private.note_action('a', 's', 'because', '{}')$$, '42501', null, 'or writes by hand');
select throws_ok('update public.jobs set status = ''pending''', '42501', null, 'an admin changes nothing in any other way');

select act_as('user A');
select results_eq('select balance_half::int from public.credit_accounts', array[10], 'A has what is left');
select results_eq('select kind from public.credit_ledger order by id', array['grant', 'refund', 'adjustment', 'burn'],
                  'and sees how it came about');

select act_as('user B');
select results_eq('select balance_half::int from public.credit_accounts', array[0], 'B has what B had');
select is_empty('select * from public.credit_ledger', 'and sees nothing of it');

select * from finish();
rollback;
