-- Stripe: events and subscriptions are the service's, each event counts once, and an old one
-- changes nothing.
begin;
\ir personas.psql
select plan(20);

select act_as('visitor');
select throws_ok('select * from public.stripe_events', '42501', null, 'a visitor sees no events');

select act_as('user A');
select throws_ok('select * from public.stripe_events', '42501', null, 'no more does a user');
select throws_ok($$select private.put_subscription(user_a(), 's', 'c', 'max', 'active', now())$$, '42501', null,
                 'who subscribes through Stripe alone');

select act_as('service');
select ok(private.keep_stripe_event('evt_1', 'invoice.paid', '2026-01', now(), '{}'), 'an event is to be dealt with');
select ok(private.keep_stripe_event('evt_1', 'invoice.paid', '2026-01', now(), '{}'), 'until it was');
select lives_ok('select private.finish_stripe_event(''evt_1'', ''no such user'')', 'one that failed stays open');
select ok(private.keep_stripe_event('evt_1', 'invoice.paid', '2026-01', now(), '{}'), 'and comes again');
select lives_ok('select private.finish_stripe_event(''evt_1'')', 'one that was dealt with is done');
select ok(not private.keep_stripe_event('evt_1', 'invoice.paid', '2026-01', now(), '{}'), 'for good');
select throws_ok('update public.stripe_events set processed_at = null', '42501', null, 'and is not opened again by hand');
select ok(private.put_subscription(user_a(), 'sub_1', 'cus_1', 'pro', 'active', '2026-11-02Z'), 'A subscribes');
select ok(not private.put_subscription(user_a(), 'sub_1', 'cus_1', 'lite', 'active', '2026-11-01Z'), 'an older event changes nothing');
select ok(not private.put_subscription(user_b(), 'sub_1', 'cus_2', 'max', 'active', '2026-11-03Z'), 'another user''s changes nothing');
select ok(private.put_subscription(user_a(), 'sub_1', 'cus_1', 'pro', 'canceled', '2026-11-04Z'), 'A ends it');
select ok(not private.put_subscription(user_a(), 'sub_1', 'cus_1', 'pro', 'active', '2026-11-05Z'), 'and it stays ended');

select act_as('user A');
select results_eq('select plan, status from public.subscriptions', $$values ('pro', 'canceled')$$, 'A sees how it stands');

select act_as('user B');
select is_empty('select * from public.subscriptions', 'B sees nothing of it');

select act_as('admin');
select results_eq('select id from public.stripe_events where error is null', array['evt_1'], 'an admin sees the events');
select throws_ok('delete from public.stripe_events', '42501', null, 'but deletes none');
select throws_ok('select private.finish_stripe_event(''evt_1'')', '42501', null, 'and deals with none');

select * from finish();
rollback;
