-- Claims by messages. Supabase has the extension; our own tests install its SQL before this file.
begin;
\ir personas.psql
select plan(14);

do $$
begin
  if to_regnamespace('pgmq') is null then
    create extension pgmq;
  end if;
end $$;
select private.enqueue_jobs(user_a(), null, 'page', '[{"payload": "A1"}, {"payload": "A2"}]');

select act_as('visitor');
select throws_ok('select private.open_messages()', '42501', null, 'a visitor makes no queue');

select act_as('user A');
select throws_ok('select * from private.claim_messages(''tap'')', '42501', null, 'a user claims nothing');
select throws_ok('select * from pgmq.q_myjoe_jobs', '42501', null, 'and reads no messages');

select act_as('admin');
select throws_ok('select * from private.claim_messages(''tap'')', '42501', null, 'an admin claims nothing');

select act_as('service');
select lives_ok('select private.open_messages()', 'the service makes the queue');
select lives_ok('select private.open_messages()', 'once');
select throws_ok('select private.send_jobs(1, null, 0)', '42501', null, 'messages are sent by claims alone');
select results_eq($$select payload #>> '{}', attempts, lease_token::int from private.claim_messages('tap')$$, $$values ('A1', 1, 1)$$,
                  'it claims a job by its message');
select results_eq($$select count(*)::int from public.jobs where user_id = user_a() and message_id is not null$$, array[1],
                  'and one message is sent ahead');
select results_eq($$select payload #>> '{}' from private.claim_jobs('tap')$$, array['A2'], 'a claim of the other kind may come first');
select is_empty('select * from private.claim_messages(''tap'')', 'and the message that is left claims nothing');

select act_as('user A');
select results_eq('select distinct status from public.jobs', array['in_progress'], 'A sees no difference');
select throws_ok('select message_id from public.jobs', '42501', null, 'nor which job has a message');

select act_as('user B');
select is_empty('select id from public.jobs', 'B sees nothing of it');

select * from finish();
rollback;
