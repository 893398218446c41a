-- Drafts: the service plans and submits them for their users, who read their own.
begin;
\ir personas.psql
select plan(38);

create function extensions.draft_a() returns uuid language sql stable security definer as
$$ select id from public.drafts where user_id = '00000000-0000-4000-8000-0000000000aa' order by created_at limit 1 $$;
create function extensions.request() returns jsonb language sql immutable as
$$ select '{"description": "foxes", "pages": 2, "audience": "kids", "paper": "a4", "operations": ["raster"]}'::jsonb $$;
create function extensions.plan_of_two() returns jsonb language sql immutable as
$$ select '{"title": "Foxes", "style": "bold", "pages": [{"title": "One", "prompt": "a fox"},
   {"title": "Two", "prompt": "two foxes"}]}'::jsonb $$;
grant execute on all functions in schema extensions to public;

select act_as('visitor');
select throws_ok('select id from public.drafts', '42501', null, 'a visitor sees no drafts');
select throws_ok($$select private.begin_draft(user_a(), 'key-0001', request())$$, '42501', null, 'and begins none');

select act_as('user A');
select throws_ok($$select private.begin_draft(user_a(), 'key-0001', request())$$, '42501', null, 'a user begins one through the product');
select throws_ok($$insert into public.drafts (user_id, key, request) values (user_a(), 'key-0001', '{}')$$, '42501', null, 'never by hand');

select act_as('service');
select is(private.begin_draft(user_a(), 'key-0001', request()) ->> 'code', 'plan_forbids', 'without a plan nothing is planned');
select lives_ok($$select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now())$$, 'A takes a plan');
select ok((private.begin_draft(user_a(), 'key-0001', request()) ->> 'accepted')::boolean, 'credits are no matter for a plan');
select is(private.begin_draft(user_a(), 'key-0001', request()) ->> 'draft_id', draft_a()::text, 'the same form again is the same draft');
select results_eq('select count(*)::int from public.drafts where user_id = user_a()', array[1], 'and there is one');
select results_eq('select name from public.projects where user_id = user_a()', array['My books'], 'in a project of its own');
select is(private.begin_draft(user_a(), 'key-0002', request() || '{"operations": ["vector"]}') ->> 'code', 'plan_forbids',
          'what the plan lacks is not planned');
select is(private.plan_draft(user_b(), draft_a(), 30), null, 'B plans nothing of A''s');
select is(private.plan_draft(user_a(), draft_a(), 30) ->> 'token', '1', 'one request plans');
select is((private.plan_draft(user_a(), draft_a(), 30) ->> 'wait_seconds')::int, 30, 'the other waits');
select ok(private.keep_planning(draft_a(), 1, 60), 'the first goes on');
select is((private.plan_draft(user_a(), draft_a(), 30) ->> 'wait_seconds')::int, 60, 'for longer');

select act_as('owner');
update public.drafts set planning_until = private.clock() where id = draft_a();
select act_as('service');
select is(private.plan_draft(user_a(), draft_a(), 30) ->> 'token', '2', 'and when it is silent, another takes over');
select ok(not private.finish_draft(draft_a(), 1, plan_of_two()), 'what the first brings then is not kept');
select ok(not private.fail_draft(draft_a(), 1, 'no', true), 'nor that it failed');
select ok(private.fail_draft(draft_a(), 2, 'Joe cannot plan just now.', false), 'the second fails');
select is(private.plan_draft(user_a(), draft_a(), 30) ->> 'token', '3', 'and is tried again');
select is(private.quote_draft(user_a(), draft_a()) ->> 'code', 'not_planned', 'no price before the plan');
select ok(private.finish_draft(draft_a(), 3, plan_of_two()), 'then it is planned');
select is(private.plan_draft(user_a(), draft_a(), 30) ->> 'state', 'planned', 'once');
select is(private.quote_draft(user_a(), draft_a()) ->> 'code', 'insufficient_credits', 'now credits matter');
select is(private.submit_draft(user_a(), draft_a(), 1) ->> 'code', 'insufficient_credits', 'to who orders as well');
select ok(private.add_credits(user_a(), 'grant', 20, 'grant:tap'), 'A gets credits');
select is(private.edit_draft(user_a(), draft_a(), 0, 'Foxes', 'bold', '[{"title": "One", "prompt": "a fox"}]') ->> 'code', 'stale',
          'an edit of an older storyboard is refused');
select is(private.edit_draft(user_a(), draft_a(), 1, 'Foxes', 'bold', '[{"title": "One", "prompt": "a fox"}]') ->> 'revision', '2',
          'one of this counts');
select is(private.edit_draft(user_a(), draft_a(), 1, 'Foxes', 'bold', '[{"title": "One", "prompt": "a fox"}]') ->> 'revision', '2', 'once');
select is(private.submit_draft(user_a(), draft_a(), 2, 4) ->> 'code', 'price_changed', 'the price is the one that was agreed to');
select is(private.submit_draft(user_a(), draft_a(), 2, 2) ->> 'balance_half', '18', 'the run is made');
select is((private.submit_draft(user_a(), draft_a(), 2, 2) ->> 'run_id')::uuid, (select id from public.runs where user_id = user_a()),
          'once; who asks again gets the same');
select throws_ok($$select private.submit_draft(user_b(), draft_a(), 2)$$, '22023', null, 'B submits nothing of A''s');

select act_as('user A');
select results_eq('select state, run_id from public.drafts', 'select ''submitted'', id from public.runs',
          'A sees what became of the draft');
select throws_ok('select key from public.drafts', '42501', null, 'but not its key');

select act_as('user B');
select is_empty('select id from public.drafts', 'B sees none of it');

select act_as('admin');
select results_eq('select count(*)::int from public.drafts where user_id = user_a()', array[1], 'an admin does');

select * from finish();
rollback;
