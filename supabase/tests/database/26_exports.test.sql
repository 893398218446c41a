-- Exports: the service has pages bound for their user; a worker that lost its lease says nothing.
begin;
\ir personas.psql
select plan(27);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');
select act_as('service');
do $$ begin
  perform private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now());
  perform private.add_credits(user_a(), 'grant', 20, 'grant:tap');
  perform private.submit_run(user_a(), project_a(), 'key-0001',
    '{"title": "Foxes", "pages": [{"operations": ["raster"], "prompt": "a fox", "title": "Fox"},
   {"operations": ["raster"], "prompt": "an owl"}]}');
end $$;
create function pg_temp.run_a() returns uuid language sql as $$ select id from public.runs where user_id = extensions.user_a() $$;

select act_as('visitor');
select throws_ok('select * from public.run_pages', '42501', null, 'a visitor sees no pages');
select throws_ok('select id from public.exports', '42501', null, 'and no exports');

select act_as('user A');
select results_eq('select page, title, status, picture_job_id from public.run_pages order by page',
                  $$values (1, 'Fox', 'pending', null::uuid), (2, null, 'pending', null)$$, 'A sees the pages of A''s run');
select throws_ok($$select private.request_export(user_a(), pg_temp.run_a(), 'zip')$$, '42501', null, 'but asks through the product');

select act_as('user B');
select is_empty('select page from public.run_pages', 'B sees none');

select act_as('service');
select is(private.request_export(user_a(), pg_temp.run_a(), 'zip') ->> 'code', 'nothing_drawn', 'nothing is bound of nothing');
select throws_ok($$select private.request_export(user_b(), pg_temp.run_a(), 'zip')$$, '22023', null, 'and nothing for B');
create temp table claimed as select * from private.claim_jobs('tap', 1);
select results_eq($$select c.id from claimed c, private.complete_jobs(array[c.id], array[c.lease_token], array[
  '{"provider": "p", "model": "m", "width_px": 10, "height_px": 10, "dpi": 300, "bit_depth": 1, "files": {"png": "a/b.png"}}'::jsonb])$$,
  'select id from claimed', 'a page is drawn');
select ok((private.request_export(user_a(), pg_temp.run_a(), 'zip') ->> 'accepted')::boolean, 'now there is something');
select is(private.request_export(user_a(), pg_temp.run_a(), 'zip') ->> 'export_id', (select id::text from public.exports),
          'it is bound once');
select ok((private.request_export(user_a(), pg_temp.run_a(), 'book') ->> 'accepted')::boolean, 'a book is another thing');
select results_eq($$select payload ->> 'kind', credits_half, payload -> 'pages' -> 0 -> 'files' ->> 'png' from public.jobs
                    where type = 'bind' order by 1$$, $$values ('book', 0, 'a/b.png'), ('zip', 0, 'a/b.png')$$, 'for no credits');
select throws_ok($$select private.request_export(user_a(), pg_temp.run_a(), 'scroll')$$, '23514', null, 'there are two kinds');

select act_as('owner');
update public.jobs set position = null, scheduled_at = '2099-01-01' where type = 'page' and status = 'pending';
select act_as('service');
create temp table binding as select * from private.claim_jobs('tap', 1);
select is((select type from binding), 'bind', 'a worker takes it');
select ok(not (select private.finish_export(id, lease_token - 1, 'a/x.zip', 5) from binding), 'an older lease says nothing');
select is_empty('select file from public.exports where file is not null', 'and nothing is kept');
select ok((select private.finish_export(id, lease_token, 'a/x.zip', 5) from binding), 'the present one does');
select ok((select private.finish_export(id, lease_token, 'a/x.zip', 5) from binding), 'twice, if its line broke');
select results_eq($$select id from binding$$, $$select j from binding b, private.complete_jobs(array[b.id], array[b.lease_token]) j$$,
                  'and the job ends without a page');
select ok(not (select private.finish_export(id, lease_token, 'a/y.zip', 6) from binding), 'after which nothing changes');
select results_eq($$select file, bytes from public.exports where file is not null$$, $$values ('a/x.zip', 5::bigint)$$, 'it lies there');
create temp table other as select * from private.claim_jobs('tap', 1);
select is((select private.fail_job(id, lease_token, 'no', 'storage', true) from other), 'failed', 'the other cannot be bound');
select ok((select private.request_export(user_a(), pg_temp.run_a(), (payload ->> 'kind')) ->> 'accepted' from other)::boolean,
          'it may be tried again');
select results_eq($$select status from public.jobs where type = 'bind' order by status$$, array['completed', 'failed', 'pending'],
                  'by another job');

select act_as('user A');
select results_eq('select count(*)::int from public.exports', array[2], 'A sees A''s exports');
select act_as('user B');
select is_empty('select id from public.exports', 'B does not');
select act_as('admin');
select results_eq('select count(*)::int from public.exports where user_id = user_a()', array[2], 'an admin does');

select * from finish();
rollback;
