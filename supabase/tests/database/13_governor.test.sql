-- The governor: the service submits a run for a user, who pays and watches; nobody else sees it.
begin;
\ir personas.psql
select plan(30);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');

select act_as('visitor');
select throws_ok($$select private.quote_run(user_a(), project_a(), '{}')$$, '42501', null, 'a visitor gets no quote');

select act_as('user A');
select throws_ok($$select private.submit_run(user_a(), project_a(), 'key', '{"pages": [{"operations": ["raster"]}]}')$$, '42501', null,
                 'a user submits through the product alone');

select act_as('admin');
select throws_ok($$select private.submit_run(user_a(), project_a(), 'key', '{"pages": [{"operations": ["raster"]}]}')$$, '42501', null,
                 'and an admin does not submit for a user');

select act_as('service');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'plan_forbids',
          'without a plan there is no run');
select ok(private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now()), 'A takes a plan');
select ok(private.add_credits(user_a(), 'grant', 3, 'grant:tap'), 'and gets one and a half credits');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["vector"]}]}') ->> 'code', 'plan_forbids',
          'the plan does not hold every operation');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"]}]}') ->> 'balance_half', '1',
          'a quote says what would be left');
select is_empty('select id from public.runs where user_id = user_a()', 'and does nothing');
select is(private.submit_run(user_a(), project_a(), 'key', '{"book": {"pages": 1}, "pages": [{"operations": ["raster"]}]}')
            ->> 'balance_half', '1', 'a page burns one credit');
select is(private.submit_run(user_a(), project_a(), 'key', '{"book": {"pages": 1}, "pages": [{"operations": ["raster"]}]}')
            ->> 'balance_half', '1', 'once under one key');
select is(private.submit_run(user_a(), project_a(), 'key', '{"pages": [{"operations": ["fix_upscale"]}]}') ->> 'code',
          'idempotency_conflict', 'which is not for another run');
select is(private.replay_run(user_a(), 'key', '{"pages": 1}') ->> 'balance_half', '1', 'the key gives its first answer to the same book');
select is(private.replay_run(user_a(), 'key', '{"pages": 2}') ->> 'code', 'idempotency_conflict', 'and none to another');
select is(private.replay_run(user_b(), 'key', '{"pages": 1}'), null, 'the key is A''s alone');
select is(private.replay_run(user_a(), 'new', '{"pages": 1}'), null, 'a new key has no answer');
select is(private.submit_run(user_a(), project_a(), 'other', '{"pages": [{"operations": ["raster"]}]}') ->> 'code', 'insufficient_credits',
          'a second page is refused');
select throws_ok($$select private.submit_run(user_b(), project_a(), 'key', '{"pages": [{"operations": ["raster"]}]}')$$, '22023', null,
                 'B makes no run in A''s project');
select throws_ok($$select private.submit_run(user_a(), project_a(), 'key 2', '{"pages": []}')$$, '22023', null, 'a run has pages');
select throws_ok($$select private.decide_run(user_a(), project_a(), '{}')$$, '42501', null, 'the decision alone is not to be had');
select results_eq($$select private.confirm_run(id) from public.runs where user_id = user_a()$$, array[true], 'the run is there');
select ok(not private.confirm_run(user_a()), 'and no other');
select results_eq($$select attempts, lease_token::int from private.claim_jobs('tap', 1)$$, 'values (1, 1)', 'a worker claims its page');

select act_as('user A');
select results_eq('select page_count, credits_half from public.runs', 'values (1, 2)', 'A sees the run');
select results_eq('select status from public.jobs', array['in_progress'], 'and that its page is being drawn');
select results_eq('select kind, amount_half::int from public.credit_ledger order by id', $$values ('grant', 3), ('burn', -2)$$,
                  'and what it cost');

select act_as('user B');
select is_empty('select id from public.runs', 'B sees no run');
select is_empty('select id from public.jobs', 'and no job');
select is_empty('select id from public.credit_ledger', 'and no credits of A');

select act_as('admin');
select results_eq('select key from public.idempotency_keys where user_id = user_a()', array['key'],
                  'an admin sees under which key, and that a refusal keeps none');

select * from finish();
rollback;
