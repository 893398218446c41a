-- What browsers hear and see: messages on their user's own topic, and files in their user's own
-- folder.
begin;
\ir personas.psql
select plan(14);

select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}]');
select private.claim_jobs('tap', 1);
insert into storage.objects (bucket_id, name) values ('pages', user_a() || '/job/page.png'), ('pages', user_b() || '/job/page.png');

select act_as('owner');
select results_eq('select id, public from storage.buckets where id = ''pages''', $$values ('pages', false)$$, 'the bucket is private');

select act_as('visitor');
select set_config('realtime.topic', 'user:' || user_a(), true);
select is_empty('select * from realtime.messages', 'a visitor hears nothing');
select is_empty('select * from storage.objects', 'and sees no file');

select act_as('user A');
select set_config('realtime.topic', 'user:' || user_a(), true);
select results_eq($$select payload ->> 'status', jsonb_array_length(payload -> 'job_ids') from realtime.messages where event = 'jobs'
                    order by 1$$,
                  $$values ('in_progress', 1), ('pending', 2)$$, 'A hears of A''s jobs: when they are added, and when one is claimed');
select is_empty($$select * from realtime.messages where payload - array['id', 'run_id', 'status', 'job_ids'] <> '{}'$$,
                'and hears nothing but which, and in what state');
select set_config('realtime.topic', 'user:' || user_b(), true);
select is_empty('select * from realtime.messages', 'A cannot listen to B');
select results_eq('select name from storage.objects', array[user_a() || '/job/page.png'], 'A sees A''s file alone');
select throws_ok($$insert into storage.objects (bucket_id, name) values ('pages', user_a() || '/forged.png')$$, '42501', null,
                 'and writes none');

select act_as('user B');
select set_config('realtime.topic', 'user:' || user_a(), true);
select is_empty('select * from realtime.messages', 'B cannot listen to A');
select results_eq('select name from storage.objects', array[user_b() || '/job/page.png'], 'B sees B''s file alone');

select act_as('service');
select lives_ok($$insert into storage.objects (bucket_id, name) values ('pages', user_a() || '/job/page.svg')$$,
                'the service writes files');
select throws_ok('select private.tell_changed_jobs()', '42501', null, 'but sends no messages by hand');

select act_as('admin');
select throws_ok('select * from storage.objects', '42501', null, 'an admin does not look at pages');
select throws_ok('select * from realtime.messages', '42501', null, 'or listen to users');

select * from finish();
rollback;
