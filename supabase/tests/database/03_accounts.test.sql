-- Accounts: signing up makes a profile and a credit account, and each user sees and edits their
-- own.
begin;
\ir personas.psql
select plan(23);

select results_eq('select count(*)::int from public.profiles where id::text like ''%-0000000000__''', array[2],
                  'each new user has a profile');
select results_eq('select distinct balance_half::int from public.credit_accounts where user_id in (user_a(), user_b())',
                  array[0], 'and an empty account');
insert into public.subscriptions (user_id, plan, status, stripe_subscription_id) values (user_a(), 'lite', 'active', 'sub_tap');
select throws_ok($$insert into public.subscriptions (user_id, plan, status) values (user_a(), 'pro', 'trialing')$$,
                 '23505', null, 'nobody has two plans in force');
select lives_ok($$insert into public.subscriptions (user_id, plan, status) values (user_a(), 'pro', 'canceled')$$,
                'though one that has ended may stand beside it');

select act_as('visitor');
select results_eq('select code from public.plans order by 1', array['lite', 'max', 'pro'], 'a visitor sees the plans');
select throws_ok('update public.plans set price_micro_usd_month = 1', '42501', null, 'but sets no price');
select throws_ok('select * from public.profiles', '42501', null, 'and may not even ask for profiles');
select throws_ok('select * from public.subscriptions', '42501', null, 'or subscriptions');

select act_as('user A');
select results_eq('select id from public.profiles', array[user_a()], 'A sees A''s profile alone');
select results_eq('select plan, status from public.subscriptions order by 1', $$values ('lite', 'active'), ('pro', 'canceled')$$,
                  'and A''s subscriptions');
select results_eq('update public.profiles set display_name = ''Ada'' returning id', array[user_a()],
                  'A edits A''s name, and nobody else''s');
select throws_ok('update public.profiles set created_at = now()', '42501', null, 'but nothing else of the profile');
select throws_ok('delete from public.profiles', '42501', null, 'A does not delete profiles');
select throws_ok('update public.subscriptions set plan = ''max''', '42501', null, 'or choose a plan by hand');
select throws_ok($$select private.put_subscription(user_a(), 's', 'c', 'max', 'active', now())$$, '42501', null, 'nor by the function');

select act_as('user B');
select results_eq('select display_name from public.profiles', array[null::text], 'B sees B''s profile, without A''s name');
select is_empty('select * from public.subscriptions', 'and no subscription of A');

select act_as('service');
select results_eq('select count(*)::int from public.profiles where id in (user_a(), user_b())', array[2],
                  'the service sees all profiles');
select throws_ok($$insert into public.subscriptions (user_id, plan, status) values (user_b(), 'max', 'active')$$,
                 '42501', null, 'but subscribes nobody by hand');
select is(private.revenue_per_half_micro_usd(), 59990000 / 1600.0, 'half a credit earns what the cheapest plan sells it for');

select act_as('admin');
select results_eq('select display_name from public.profiles where id = user_a()', array['Ada'], 'an admin sees every profile');
select throws_ok('update public.profiles set display_name = ''Bob''', '42501', null, 'but changes none');
select throws_ok('update public.plans set on_sale = false', '42501', null, 'and no plan');

select * from finish();
rollback;
