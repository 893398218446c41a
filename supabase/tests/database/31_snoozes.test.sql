-- Snoozes: a pause of others has a floor, which grows, and a ceiling; an operator's kills none.
begin;
\ir personas.psql
select plan(21);

select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'max', 'active', now());
select private.enqueue_jobs(user_a(), null, 'page', '[{}]');
create function extensions.snoozed(seconds double precision, kind text default 'busy') returns text language plpgsql as $$
declare
  claimed record;
  answer text;
begin
  select * into claimed from private.claim_jobs('tap');
  answer := private.snooze_job(claimed.id, claimed.lease_token, seconds, 'later', kind);
  return coalesce((select extract(epoch from scheduled_at - private.clock())::integer::text from public.jobs
                   where id = claimed.id and answer = 'snoozed'), answer);
end $$;
create function extensions.due() returns void language sql security definer as $$
  update public.jobs set scheduled_at = private.clock(), position = private.position_of(priority, lease_token)
$$;
grant execute on function snoozed(double precision, text), due() to service_role;

select act_as('visitor');
select throws_ok('select private.pause_of_others(1, 1)', '42501', null, 'a visitor asks for no pause');
select act_as('user A');
select throws_ok('select private.snooze_limit(''busy'')', '42501', null, 'nor does a user');
select throws_ok('select snoozes from public.jobs', '42501', null, 'or see how often a page was put off');
select act_as('admin');
select throws_ok('select private.snooze_limit(''busy'')', '42501', null, 'an admin reads the settings');

select act_as('service');
select is(snoozed(0), '1', 'who says 0 is asked again after a second');
select lives_ok('select due()');
select is(snoozed(-3), '2', 'then after two');
select lives_ok('select due()');
select is(snoozed('NaN'), '4', 'whatever they say');
select lives_ok('select due()');
select is(snoozed(30), '30', 'what is more than the floor is kept');
select lives_ok('select due()');
select is(snoozed('Infinity'), '3600', 'up to an hour');
select lives_ok('select due()');
select is((select count(*)::text from generate_series(1, 30), lateral (select snoozed(0), due()) as again), '30', 'thirty times more');
select is(snoozed(0), '64', 'and the floor grows to about a minute');

select set_config('role', 'none', true);
update public.jobs set started_at = private.clock() - interval '13 hours', attempts = 0;
select due();
select act_as('service');
select is(snoozed(300, 'account'), '300', 'an operator''s trouble kills no page');
select lives_ok('select due()');
select is(snoozed(300, 'version'), '300', 'nor does an older worker, for a day');
select lives_ok('select due()');
select is(snoozed(300), 'failed', 'a provider that was busy for half a day does');

select * from finish();
rollback;
