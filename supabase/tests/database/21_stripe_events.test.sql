-- Stripe's events, second version: the newest reading counts, one plan is in force, what was paid
-- back is taken back, and what nobody understands waits for an admin.
begin;
\ir personas.psql
select plan(38);

select act_as('visitor');
select throws_ok('select * from public.clawbacks', '42501', null, 'a visitor sees no clawbacks');

select act_as('user A');
select throws_ok($$select private.put_subscription_v2(user_a(), 'sub_1', 'cus_1', 'max', 'active', now(), null, null, 1)$$, '42501', null,
                 'who subscribes through Stripe alone');
select throws_ok($$select private.put_clawback('re_1', 'refund', 'pi_1', 1, 'failed', false, 9)$$, '42501', null, 'and restores nothing');
select throws_ok($$select private.admin_forgive(user_a(), 'for me')$$, '42501', null, 'or forgives');
select throws_ok('select * from private.open_stripe_events', '42501', null, 'and sees no events');

select act_as('service');
select ok((private.put_subscription_v2(user_a(), 'sub_1', 'cus_1', 'lite', 'active', '2026-11-01Z', '2026-12-01Z', null, 2)
           ->> 'changed')::boolean, 'a reading is put');
select ok(not (private.put_subscription_v2(user_a(), 'sub_1', 'cus_1', 'lite', 'incomplete', '2026-11-01Z', null, null, 1)
               ->> 'changed')::boolean, 'an earlier one changes nothing');
select is(private.put_subscription_v2(user_a(), 'sub_2', 'cus_1', 'pro', 'active', '2026-11-02Z', null, null, 3) -> 'superseded',
                 '["sub_1"]',
          'a later subscription takes the place of the first');
select results_eq($$select stripe_subscription_id, status, stripe_status from public.subscriptions order by 1$$,
                  $$values ('sub_1', 'canceled', 'active'), ('sub_2', 'active', 'active')$$, 'and is the one in force');
select is(private.put_subscription_v2(user_a(), 'sub_1', 'cus_1', 'lite', 'canceled', '2026-11-01Z', null, null, 4) -> 'superseded', '[]',
          'until Stripe has ended the first, too');
select throws_ok($$select private.put_subscription_v2(user_b(), 'sub_2', 'cus_2', 'pro', 'active', '2026-11-02Z', null, null, 5)$$, '22023',
                 null, 'a subscription is one user''s');
select is(private.subscriptions_at_stripe(user_a()), '[{"id": "sub_2", "status": "active"}]', 'what goes on is known');

select is(private.book_payment(user_a(), 'cs_1', '[{"payment_intent": "pi_1", "cents": 599}]',
            '[{"kind": "topup", "reference": "topup:cs_1", "credits_half": 100, "why": "50 credits"}]'), 1, 'A tops up');
select throws_ok($$select private.put_clawback('re_0', 'refund', 'pi_0', 1, 'succeeded', true, 9)$$, '22023', null,
                 'what was not paid is not taken back');
select ok(private.put_clawback('re_1', 'refund', 'pi_1', 300, 'succeeded', true, private.begin_stripe_reading()), 'a part is refunded');
select is((select balance_half::int from public.credit_accounts where user_id = user_a()), 50, 'and its credits are taken back');
select ok(private.put_clawback('dp_1', 'dispute', 'pi_1', 299, 'needs_response', true, private.begin_stripe_reading()),
                 'the rest is disputed');
select ok((select frozen_at is not null and balance_half = 1 from public.credit_accounts where user_id = user_a()),
                 'and the account frozen');
select ok(private.put_clawback('dp_1', 'dispute', 'pi_1', 299, 'won', false, private.begin_stripe_reading()), 'the dispute is won');
select ok((select frozen_at is null and balance_half = 50 from public.credit_accounts where user_id = user_a()), 'and all is as before');
select ok(not private.put_clawback('dp_1', 'dispute', 'pi_1', 299, 'needs_response', true, 1), 'an earlier reading changes nothing');
select throws_ok($$insert into public.credit_ledger (user_id, kind, amount_half, reference) values (user_a(), 'clawback', -1,
                 'clawback:x')$$,
                 '42501', null, 'nobody takes back by hand');
select is_empty('select * from private.owed_drift', 'what is owed is what the clawbacks say');

select ok(private.keep_stripe_event('evt_1', 'invoice.paid', '2020-01-01', now(), '{"id": "evt_1"}'), 'an event is to be dealt with');
select lives_ok($$select private.park_stripe_event('evt_1', 'a foreign version')$$, 'one that is not understood is parked');
select ok(not private.keep_stripe_event('evt_1', 'invoice.paid', '2020-01-01', now(), '{"id": "evt_1"}'), 'and when it comes again, waits');
select is(private.take_open_events(5), '[]', 'nobody takes it up');
select throws_ok($$select private.admin_take_up_event('evt_1', 'because')$$, '42501', null, 'the service least of all');

select act_as('user A');
select results_eq('select id, kind from public.clawbacks order by id', $$values ('dp_1', 'dispute'), ('re_1', 'refund')$$,
                  'A sees what was taken back, and why');

select act_as('user B');
select is_empty('select * from public.clawbacks', 'B sees nothing of it');

select act_as('admin');
select results_eq('select id, parked_reason from private.open_stripe_events', $$values ('evt_1', 'a foreign version')$$,
                 'an admin sees what waits');
select lives_ok($$select private.admin_take_up_event('evt_1', 'the version is ours now')$$, 'and lets it be taken up');
select throws_ok($$select private.admin_take_up_event('evt_0', 'nonsense')$$, '22023', null, 'if there is one');
select lives_ok($$select private.admin_learn_price('price_old', 'lite_monthly', 200, 'before the change')$$,
                 'says what an old price is worth');
select is(private.admin_forgive(user_a(), 'a good customer'), 0::bigint, 'forgives what is owed');
select results_eq('select action from public.admin_actions order by id', array['take_up_event', 'learn_price', 'forgive'], 'all on record');
select throws_ok($$select private.put_clawback('re_1', 'refund', 'pi_1', 300, 'failed', false, 99)$$, '42501', null,
                 'but an admin puts nothing');

select act_as('service');
select is((private.take_open_events(5) -> 0 ->> 'id'), null, 'which is not taken up twice within a minute');

select * from finish();
rollback;
