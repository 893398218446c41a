-- Trials: once a person, for a confirmed address, ended by time, and no plan row of their own: what
-- a credit earns at worst stays what it is.
begin;
\ir personas.psql
select plan(35);

select act_as('visitor');
select throws_ok('select * from private.trials', '42501', null, 'a visitor sees no trials');
select throws_ok('select private.begin_trial(user_a())', '42501', null, 'and begins none');

select act_as('user A');
select throws_ok('select private.begin_trial(user_a())', '42501', null, 'a user begins none by hand');
select throws_ok($$insert into public.subscriptions (user_id, plan, status) values (user_a(), 'lite', 'trialing')$$, '42501', null,
                 'in no way');

select act_as('admin');
select throws_ok('select private.begin_trial(user_a())', '42501', null, 'an admin gives none');
select is_empty('select * from private.trials', 'but sees which there are');

select act_as('owner');
create temporary table earned as select private.revenue_per_half_micro_usd() as per_half;

select act_as('service');
select is(private.begin_trial(user_a()) ->> 'code', 'not_confirmed', 'an address has to be confirmed');
select is(private.standing(user_a()) -> 'trial_offered', 'false', 'before that none is offered');
select act_as('owner');
update auth.users set email_confirmed_at = private.clock();
select act_as('service');
select is(private.standing(user_a()) -> 'trial_offered', 'true', 'then one is');
select is(private.begin_trial(user_a()),
          jsonb_build_object('accepted', true, 'ends_at', private.clock() + interval '14 days', 'credits_half', 20), 'A tries ten pages');
select is(private.begin_trial(user_a()) -> 'accepted', 'true', 'a second click is the same trial');
select is((select balance_half from public.credit_accounts where user_id = user_a()), 20::bigint, 'with its credits once');
select is((select count(*) from public.credit_ledger where reference = 'grant:trial:' || user_a()), 1::bigint, 'which the ledger knows');
select results_eq('select plan, status from public.subscriptions where user_id = user_a() and stripe_subscription_id is null',
                  $$values ('lite', 'trialing')$$, 'on the plan Lite, without Stripe');
select is(private.standing(user_a()) ->> 'plan_status', 'trialing', 'which is in force');
select is(private.standing(user_a()) -> 'trial_offered', 'false', 'and no other is offered');
select act_as('owner');
select is(private.revenue_per_half_micro_usd(), (select per_half from earned), 'what a credit earns at worst is as it was');

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A');
select act_as('service');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') -> 'accepted', 'true', 'A can order');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster", "vector"]}]}') ->> 'code', 'plan_forbids',
          'what the plan Lite has');
select act_as('owner');
update public.subscriptions set ends_at = private.clock() where user_id = user_a();
select act_as('service');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'plan_forbids',
          'and nothing once the trial is over');
select is(private.standing(user_a()) ->> 'plan', null, 'for then there is no plan');
select is(private.begin_trial(user_a()) ->> 'code', 'had_one', 'and no other trial');

select act_as('owner');
update auth.users set email = 'someone.else+books@gmail.com' where id = user_a();
update private.trials set address_hash = private.address_hash('someone.else+books@gmail.com');
update auth.users set email = 'SomeoneElse@googlemail.com' where id = user_b();
select act_as('service');
select is(private.begin_trial(user_b()) ->> 'code', 'had_one', 'the same person under another name of the same address has none');
select act_as('owner');
select is(private.address_hash('a+b@example.com'), private.address_hash('A@Example.com'), 'what stands behind a plus is the same person');
select isnt(private.address_hash('a.b@example.com'), private.address_hash('ab@example.com'), 'dots count where they are read');
update auth.users set email = 'b@example.com' where id = user_b();
update public.credit_accounts set frozen_at = private.clock(), frozen_reason = 'a dispute' where user_id = user_b();
select act_as('service');
select is(private.begin_trial(user_b()) ->> 'code', 'frozen', 'a frozen account has none');
select act_as('owner');
update public.credit_accounts set frozen_at = null, frozen_reason = null where user_id = user_b();
update public.profiles set deletion_requested_at = private.clock(), deletion_at = private.clock() where id = user_b();
select act_as('service');
select is(private.begin_trial(user_b()) ->> 'code', 'leaving', 'nor has one that is about to go');
select act_as('owner');
update public.profiles set deletion_requested_at = null, deletion_at = null where id = user_b();
insert into public.subscriptions (user_id, plan, status, stripe_subscription_id) values (user_b(), 'max', 'canceled', 'sub_b');
select act_as('service');
select is(private.begin_trial(user_b()) ->> 'code', 'has_plan', 'nor who has had a plan');
select act_as('owner');
delete from public.subscriptions where user_id = user_b();
create or replace function private.trials_per_day_max() returns integer language sql immutable set search_path = '' as $$ select 1 $$;
select act_as('service');
select is(private.begin_trial(user_b()) ->> 'code', 'full', 'all trials of a day are bounded');
select act_as('owner');
update private.trials set begun_at = private.clock() - interval '24 hours';
select act_as('service');
select is(private.begin_trial(user_b()) -> 'accepted', 'true', 'and the next day there are new ones');
select throws_ok('select private.begin_trial(gen_random_uuid())', '22023', null, 'nobody has no trial');

-- Who buys while they try.
select is(private.put_subscription_v2(user_b(), 'sub_b', 'cus_b', 'pro', 'active', private.clock(), null, null, 1) -> 'changed', 'true',
          'B buys a plan while the trial runs');
select is((select string_agg(plan || ' ' || status, ', ' order by plan) from public.subscriptions where user_id = user_b()),
          'lite canceled, pro active', 'which ends the trial');
select is((select balance_half from public.credit_accounts where user_id = user_b()), 20::bigint, 'and leaves its credits');

select act_as('user B');
select throws_ok('select * from private.trials', '42501', null, 'users see no trials, not even their own');

select * from finish();
rollback;
