-- Closing an account: seven days' grace, undone by who comes back; then what they wrote and who
-- they were is gone, and the ledger stands.
begin;
\ir personas.psql
select plan(44);

select act_as('visitor');
select throws_ok('select private.request_deletion(user_a())', '42501', null, 'a visitor closes no account');
select throws_ok('select private.export_account(user_a())', '42501', null, 'and takes nobody''s data');
select act_as('user A');
select throws_ok('select private.request_deletion(user_a())', '42501', null, 'a user closes none by hand');
select throws_ok('select private.erase_user(user_a(), user_a(), 1)', '42501', null, 'and erases nobody');
select act_as('admin');
select throws_ok('select private.export_account(user_a())', '42501', null, 'an admin takes no user''s data along');
select throws_ok('select private.erase_user(user_a(), user_a(), 1)', '42501', null, 'and erases nobody');

select act_as('owner');
insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A');
select act_as('service');
select lives_ok($$select private.name_user(user_a(), ' Joe Doe ')$$, 'A has a name');
select is((select display_name from public.profiles where id = user_a()), 'Joe Doe', 'which is kept without blanks around it');
select lives_ok($$select private.put_subscription(user_a(), 'sub_a', 'cus_a', 'max', 'active', now()),
                         private.add_credits(user_a(), 'grant', 20, 'grant:in_a:1')$$, 'a plan and credits');
select is(private.link_customer(user_a(), 'cus_a'), 'cus_a', 'and is Stripe''s customer');
select ok(private.keep_stripe_event('evt_a', 'customer.updated', '2026', now(),
                                    '{"data": {"object": {"customer": "cus_a", "email": "a@example.com"}}}'), 'of whom Stripe told us');
select ok(private.keep_stripe_event('evt_b', 'customer.updated', '2026', now(),
                                    '{"data": {"object": {"customer": "cus_b", "email": "b@example.com"}}}'), 'as of others');
select is(private.submit_run(user_a(), project_a(), 'key of a run',
  '{"pages": [{"operations": ["raster"], "prompt": "my secret cat"}, {"operations": ["raster"], "prompt": "my secret owl"}]}')
  -> 'accepted', 'true', 'A orders two pages');
create temporary table done as select id, lease_token from private.claim_jobs('w', 1);
select is((select count(*) from private.complete_jobs(array(select id from done), array(select lease_token from done), array[
  '{"provider": "p", "model": "m", "width_px": 1, "height_px": 1, "dpi": 300, "bit_depth": 1, "files": {"png": "a/page.png"}}'::jsonb])),
  1::bigint, 'one is drawn');
select is(private.export_account(user_a()) #>> '{account,name}', 'Joe Doe', 'what is A''s can be taken along');
select matches(private.export_account(user_a())::text, 'my secret cat.*my secret owl', 'with every word');
select is(jsonb_array_length(private.export_account(user_a()) -> 'ledger'), 2, 'and the ledger');
select is(private.export_account(gen_random_uuid()), null, 'nobody has nothing');
select set_eq('select * from private.files_of_user(user_a())', array['a/page.png'], 'A''s files are known');

select lives_ok($$select private.open_session(sha256('a'), user_a(), 's', private.clock(), '')$$, 'A is signed in');
select is(private.request_deletion(user_a()), jsonb_build_object('deletion_at', private.clock() + interval '7 days'),
          'and closes the account');
select is(private.session_tokens(sha256('a')), null, 'which ends the session');
select is((select string_agg(type || ' ' || status, ', ' order by type, status) from public.jobs where user_id = user_a()),
          'erase pending, page cancelled, page completed', 'cancels what waits, and has a job erase the rest');
select is((select balance_half from public.credit_accounts where user_id = user_a()), 18::bigint, 'what was not drawn is refunded');
select is(private.request_deletion(user_a()), jsonb_build_object('deletion_at', private.clock() + interval '7 days'), 'twice is once');
select is((select count(*) from public.jobs where user_id = user_a() and type = 'erase'), 1::bigint, 'with one job');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'deletion_pending',
          'nothing is ordered any more');
select is_empty($$select * from private.claim_jobs('w', 10)$$, 'and nothing is erased before its time');

select ok(private.cancel_deletion(user_a()), 'A comes back and keeps the account');
select ok(not private.cancel_deletion(user_a()), 'once');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') -> 'accepted', 'true', 'A can order again');
select is((select string_agg(status, ', ') from public.jobs where user_id = user_a() and type = 'erase'), 'cancelled',
          'nothing will be erased');

select isnt(private.request_deletion(user_a()), null, 'A closes it after all');
select act_as('owner');
update public.jobs set scheduled_at = private.clock() where type = 'erase' and status = 'pending';
select act_as('service');
create temporary table erasing as select id, lease_token from private.claim_jobs('w', 1);
select is((select private.erase_user(user_a(), id, lease_token) from erasing), '{"erased": false}',
          'who claims the job too early erases nothing');
select act_as('owner');
update public.profiles set deletion_at = private.clock() where id = user_a();
select act_as('service');
select is((select private.erase_user(user_a(), id, lease_token + 1) from erasing), '{"erased": false}', 'nor does another worker');
select is((select private.erase_user(user_b(), id, lease_token) from erasing), '{"erased": false}', 'nor is another user erased by it');
select is((select private.erase_user(user_a(), id, lease_token) from erasing), '{"erased": true}', 'then A is erased');
select is((select private.erase_user(user_a(), id, lease_token) from erasing), '{"erased": true}', 'as often as it is asked');

select act_as('owner');
select is_empty($$
  select 1 from public.jobs where payload::text ~ 'secret' union all select 1 from public.runs where manifest::text ~ 'secret'
  union all select 1 from auth.users where email = 'a@example.com' union all select 1 from public.profiles where display_name is not null
  union all select 1 from public.projects where user_id = user_a() union all select 1 from public.generations where files <> '{}'
  union all select 1 from public.billing_customers where user_id = user_a()$$, 'no word of theirs is left');
select results_eq($$select id, payload ? 'erased' from public.stripe_events order by id$$, $$values ('evt_a', true), ('evt_b', false)$$,
                  'nor what Stripe told us of them');
select is((select sum(amount_half) from public.credit_ledger where user_id = user_a()), 18::numeric, 'the ledger stands');
select is_empty('select * from private.ledger_drift', 'and is the balance');
select act_as('service');
select is(private.standing(user_a()), null, 'nobody is A any more');
select lives_ok($$select * from private.complete_jobs(array(select id from erasing), array(select lease_token from erasing))$$,
                'and the job is done');

select * from finish();
rollback;
