-- Kept drafts: pictures that were paid for and that the storage did not take.
begin;
\ir personas.psql
select plan(17);

select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}]');
select set_config('tap.one', (select id::text from public.jobs order by position limit 1), true);
select set_config('tap.two', (select id::text from public.jobs order by position desc limit 1), true);

select act_as('visitor');
select throws_ok($$select private.keep_draft(current_setting('tap.one')::uuid, 'raster', 'image/png', 'x')$$, '42501', null,
                 'a visitor keeps nothing');
select act_as('user A');
select throws_ok($$select * from private.kept_draft(current_setting('tap.one')::uuid, 'raster')$$, '42501', null,
                 'a user gets pages, and no drafts');
select throws_ok('select * from private.kept_drafts', '42501', null, 'in no way');
select act_as('admin');
select throws_ok($$select private.drop_drafts(current_setting('tap.one')::uuid)$$, '42501', null, 'an admin drops none');
select is_empty('select * from private.kept_drafts', 'and sees that there is none');

select act_as('service');
select lives_ok($$select private.keep_draft(current_setting('tap.one')::uuid, 'raster', 'image/png', 'first')$$, 'a picture is kept');
select lives_ok($$select private.keep_draft(current_setting('tap.one')::uuid, 'raster', 'image/png', 'second')$$, 'the last one of a step');
select lives_ok($$select private.keep_draft(current_setting('tap.two')::uuid, 'raster', 'image/webp', 'other')$$, 'each job has its own');
select is((select media_type || ': ' || convert_from(content, 'utf8') from private.kept_draft(current_setting('tap.one')::uuid, 'raster')),
          'image/png: second', 'and gets it');
select is_empty($$select * from private.kept_draft(current_setting('tap.one')::uuid, 'upscale')$$, 'for its step alone');
select throws_ok($$insert into private.kept_drafts (job_id, step, media_type, content) values (gen_random_uuid(), 'x', 'y', 'z')$$,
                 '42501', null, 'by hand there is no way');
select is(private.drop_drafts(current_setting('tap.one')::uuid), 1, 'a page that is done needs its draft no more');
select is(private.drop_drafts(current_setting('tap.one')::uuid), 0, 'once');
select is((select count(*)::integer from private.kept_drafts), 1, 'the other one''s stays');
select lives_ok($$select * from private.claim_jobs('tap', 2)$$, 'it is claimed');
select is((select private.fail_job(id, lease_token, 'no', 'image', true) from public.jobs where id = current_setting('tap.two')::uuid),
          'failed', 'and fails');
select is((select count(*)::integer from private.kept_drafts), 0, 'with which its draft goes');

select * from finish();
rollback;
