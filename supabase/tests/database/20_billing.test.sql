-- Billing: what is sold is for all to see; customers, checkouts and payments are their owners'; the
-- service alone sells.
begin;
\ir personas.psql
select plan(33);

select act_as('visitor');
select is((select count(*)::int from public.prices), 6, 'a visitor sees what is sold');
select throws_ok('select * from public.checkouts', '42501', null, 'but no purchases');
select throws_ok('select * from public.payments', '42501', null, 'and no payments');
select throws_ok('select * from public.stripe_prices', '42501', null, 'and not what Stripe calls it');

select act_as('user A');
select throws_ok('update public.prices set cents = 1', '42501', null, 'nobody sets prices');
select throws_ok($$select private.begin_checkout(user_a(), 'intent-1', 'lite_monthly')$$, '42501', null,
                 'a user buys through the Studio alone');
select throws_ok($$select private.book_payment(user_a(), 'cs_1', '[]', '[]')$$, '42501', null, 'and books nothing');
select throws_ok($$insert into public.payments default values$$, '42501', null, 'in no way');

select act_as('service');
select is(private.begin_checkout(user_a(), 'intent-1', 'topup_50') ->> 'refused', 'no_plan', 'a top-up adds to a plan');
select is(private.begin_checkout(user_a(), 'intent-1', 'gold') ->> 'refused', 'not_on_sale', 'what is not sold is not sold');
select is(private.begin_checkout(user_a(), 'intent-1', 'lite_monthly') ->> 'status', 'opening', 'a plan can be bought');
select is(private.begin_checkout(user_a(), 'intent-1', 'lite_monthly') ->> 'checkout_id',
          (select id::text from public.checkouts), 'and a second click is the same checkout');
select is(private.open_checkout((select id from public.checkouts), 'cs_1', 'https://pay.example'), 'https://pay.example',
                 'it is opened at Stripe');
select is(private.open_checkout((select id from public.checkouts), 'cs_2', 'https://other.example'), 'https://pay.example', 'once');
select is(private.link_customer(user_a(), 'cus_a'), 'cus_a', 'A is a customer');
select is(private.link_customer(user_a(), 'cus_other'), 'cus_a', 'and stays that one');
select throws_ok($$select private.link_customer(user_b(), 'cus_a')$$, '23505', null, 'which nobody else can be');
select is(private.user_of_customer('cus_a'), user_a(), 'and by which A is found');
select is(private.known_price('price_1', 'gold', 999, 'usd') ? 'unknown', true, 'a price that we do not sell is unknown');
select is(private.known_price('price_1', 'lite_monthly', 999, 'usd') ->> 'plan', 'lite', 'one that we sell is learned');
select is((private.known_price('price_1', null, null, null) ->> 'credits_half')::int, 230, 'for good');
select ok(private.put_checkout(null, 'cs_1', 'complete'), 'the checkout is paid');
select ok(private.put_checkout(null, 'cs_1', 'expired') and (select status = 'complete' from public.checkouts), 'and does not go back');
select is(private.book_payment(user_a(), 'in_1', '[{"payment_intent": "pi_1", "cents": 999}]',
            '[{"kind": "grant", "reference": "grant:in_1:il_1", "credits_half": 230, "why": "Lite"}]'), 1, 'a payment brings credits');
select is(private.book_payment(user_a(), 'in_1', '[{"payment_intent": "pi_1", "cents": 999}]',
            '[{"kind": "grant", "reference": "grant:in_1:il_1", "credits_half": 230, "why": "Lite"}]'), 0, 'once');
select throws_ok('delete from public.payments', '42501', null, 'and stays on record');
select is(private.see_checkout(user_b(), 'cs_1'), null, 'B has no such checkout');

select act_as('user A');
select results_eq('select payment_intent, granted_half::int from public.payments', $$values ('pi_1', 230)$$, 'A sees the payment');
select results_eq('select status from public.checkouts', array['complete'], 'and the purchase');

select act_as('user B');
select is_empty('select user_id from public.payments union all select user_id from public.checkouts
                 union all select user_id from public.billing_customers', 'B sees nothing of it');

select act_as('admin');
select results_eq('select stripe_price_id, lookup_key from public.stripe_prices', $$values ('price_1', 'lite_monthly')$$,
                  'an admin sees what was learned');
select throws_ok($$select private.begin_checkout(user_a(), 'intent-2', 'lite_monthly')$$, '42501', null, 'and buys for nobody');
select throws_ok('update public.prices set on_sale = false', '42501', null, 'or sells');

select * from finish();
rollback;
