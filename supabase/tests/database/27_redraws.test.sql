-- Redraws: pages drawn again in their run, judged and paid like a run, once for each key.
begin;
\ir personas.psql
select plan(33);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');
-- The clock stands still within a transaction; what was made before is made earlier.
create function extensions.later() returns void language sql security definer as
$$ update public.jobs set created_at = created_at - interval '1 minute' $$;
grant execute on function extensions.later() to public;
select act_as('service');
do $$ begin
  perform private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now());
  perform private.add_credits(user_a(), 'grant', 10, 'grant:tap');
  perform private.submit_run(user_a(), project_a(), 'key-0001',
    '{"pages": [{"operations": ["raster"], "prompt": "one"}, {"operations": ["raster"], "prompt": "two"}]}');
end $$;
create function pg_temp.run_a() returns uuid language sql as $$ select id from public.runs where user_id = extensions.user_a() $$;
create function pg_temp.finished(how text) returns text language plpgsql as $$
declare
  job record;
begin
  select * into job from private.claim_jobs('tap', 1);
  if how = 'fails' then
    return private.fail_job(job.id, job.lease_token, 'no', 'judge', true);
  end if;
  return (select 'completed' from private.complete_jobs(array[job.id], array[job.lease_token], array[jsonb_build_object('provider', 'p',
    'model', 'm', 'width_px', 9, 'height_px', 9, 'dpi', 300, 'bit_depth', 1, 'files', jsonb_build_object('png', how))]));
end $$;

select act_as('visitor');
select throws_ok($$select private.redraw_pages(user_a(), pg_temp.run_a(), 'again-01')$$, '42501', null, 'a visitor draws nothing again');
select throws_ok('select page from public.page_locks', '42501', null, 'and sees no locks');

select act_as('user A');
select throws_ok($$select private.redraw_pages(user_a(), pg_temp.run_a(), 'again-01')$$, '42501', null,
          'a user does so through the product');
select throws_ok($$insert into public.page_locks (run_id, page, user_id) values (pg_temp.run_a(), 1, user_a())$$, '42501', null,
                 'and locks nothing by hand');

select act_as('service');
select is(private.quote_redraw(user_a(), pg_temp.run_a()) ->> 'code', 'nothing_to_draw', 'what is being drawn is not drawn again');
select is(pg_temp.finished('first'), 'completed', 'page 1 is drawn');
select is(pg_temp.finished('fails'), 'failed', 'page 2 fails');
select is((select balance_half::int from public.credit_accounts where user_id = user_a()), 8, 'and is refunded');
select later();
select is(private.quote_redraw(user_a(), pg_temp.run_a(), array[2]) ->> 'credits_half', '2', 'to try it again costs what it cost');
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-01', array[2], 4) ->> 'code', 'price_changed',
          'for the price that was agreed to');
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-01', array[2], 2) ->> 'balance_half', '6', 'it is tried again');
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-01', array[2], 2) ->> 'balance_half', '6', 'once under one key');
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-02', array[2]) ->> 'code', 'nothing_to_draw', 'and not while it is drawn');
select results_eq('select d.requeued_as from public.dead_jobs d', 'select job_id from public.run_pages where page = 2',
                  'so it is none for an admin to requeue');
select results_eq('select page, status, files ->> ''png'' from public.run_pages order by page',
                  $$values (1, 'completed', 'first'), (2, 'pending', null)$$, 'page 2 waits');
select is(pg_temp.finished('second'), 'completed', 'and is drawn');

select is(private.lock_page(user_a(), pg_temp.run_a(), 2, true), true, 'A locks page 2');
select is(private.lock_page(user_a(), pg_temp.run_a(), 2, true), true, 'twice is once');
select throws_ok($$select private.lock_page(user_b(), pg_temp.run_a(), 1, true)$$, '22023', null, 'B locks nothing of A''s');
select throws_ok($$select private.lock_page(user_a(), pg_temp.run_a(), 3, true)$$, '22023', null, 'and there are two pages');
select later();
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-03') ->> 'page_count', '1', 'all others are drawn again');
select is(pg_temp.finished('fails'), 'failed', 'which fails');
select results_eq('select page, status, files ->> ''png'', locked from public.run_pages order by page',
                  $$values (1, 'failed', 'first', false), (2, 'completed', 'second', true)$$, 'and the older picture stays');
select later();
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-04', array[2]) ->> 'code', 'nothing_to_draw',
          'a locked page is left alone');
select is(private.lock_page(user_a(), pg_temp.run_a(), 2, false), false, 'A unlocks it');
select is(private.redraw_pages(user_a(), pg_temp.run_a(), 'again-05', array[1, 2]) ->> 'balance_half', '2', 'both are drawn again');
select is(pg_temp.finished('third'), 'completed', 'and one comes');
select results_eq('select files ->> ''png'' from public.run_pages where page = 1', array['third'], 'the newest counts');
select throws_ok($$select private.redraw_pages(user_b(), pg_temp.run_a(), 'again-06')$$, '22023', null, 'B draws nothing of A''s');
select is_empty('select * from private.ledger_drift', 'the ledger adds up');

select act_as('user B');
select is_empty('select page from public.page_locks', 'B sees no locks');
select act_as('user A');
select throws_ok('select key from public.redraws', '42501', null, 'A sees no keys');
select act_as('admin');
select results_eq('select page_count from public.redraws order by created_at', array[1, 1, 2], 'an admin sees what was drawn again');

select * from finish();
rollback;
