-- What the governor refuses, told to a person: no figure of our costs is in a sentence.
begin;
\ir personas.psql
select plan(16);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');

select act_as('visitor');
select throws_ok($$select private.decide_pages(user_a(), '{}', true)$$, '42501', null, 'a visitor asks nothing');

select act_as('user A');
select throws_ok($$select private.decide_pages(user_a(), '{}', true)$$, '42501', null, 'nor does a user');

select act_as('admin');
select throws_ok($$select private.refuse_account(user_a())$$, '42501', null, 'nor an admin');

select act_as('service');
select throws_ok($$select private.decide_pages(user_a(), '{}', true)$$, '42501', null,
          'the service asks for runs and drafts, not for pages alone');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'message',
          'There is no plan in force. Choose one to order pages.', 'no plan');
select lives_ok($$select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now())$$, 'A takes a plan');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'message',
          'This needs 1 credits, and you have 0.', 'no credits');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["vector"]}]}') ->> 'message',
          '“Draw a page for vectors” is not part of the plan Lite.', 'not part of the plan');

select act_as('owner');
update public.operations set cogs_max_micro_usd = 1 where code = 'raster';
select act_as('service');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'message',
          'This cannot be made at a fair price now. You were not charged.', 'too dear');
select ok((private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') -> 'detail' ->> 'worst_micro_usd')::int > 1,
          'and an operator finds the figures');

select act_as('owner');
update public.credit_accounts set frozen_at = now(), frozen_reason = 'a payment was disputed.' where user_id = user_a();
select is(private.refuse_account(user_a()) ->> 'code', 'account_frozen', 'a frozen account');
select is(private.refuse_account(user_b()), null, 'is no other''s');
update public.profiles set deletion_requested_at = now(), deletion_at = '2027-01-02 00:00Z' where id = user_a();
select is(private.refuse_account(user_a()) ->> 'message',
          'This account will be deleted on 2 January 2027. Keep it, and you can order again.',
          'a deletion that was asked for');
select act_as('service');
select is(private.submit_run(user_a(), project_a(), 'key', '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'deletion_pending',
          'nothing is submitted');
select is_empty('select id from public.runs where user_id = user_a()', 'or made');

select act_as('user A');
select results_eq('select count(*)::int from public.credit_ledger', array[0], 'and A pays nothing');

select * from finish();
rollback;
