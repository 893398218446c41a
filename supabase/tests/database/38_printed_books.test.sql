-- Prints and packs: the service has them bound in the print that was asked for; a worker that lost
-- its lease says nothing; what is no print is refused.
begin;
\ir personas.psql
select plan(50);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');
select act_as('service');
do $$ begin
  perform private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now());
  perform private.add_credits(user_a(), 'grant', 20, 'grant:tap');
  perform private.submit_run(user_a(), project_a(), 'key-0001',
    '{"title": "Foxes", "book": {"paper": "a4", "print": {"printer": "lulu", "author": "A. B."}},
      "pages": [{"operations": ["raster"], "prompt": "a fox", "title": "Fox", "margin_in": 0.5}]}');
end $$;
create function pg_temp.run_a() returns uuid language sql as $$ select id from public.runs where user_id = extensions.user_a() $$;

select act_as('visitor');
select throws_ok('select wanted, files, report from public.exports', '42501', null, 'a visitor sees no prints');
select throws_ok($$select private.print_order('{}')$$, '42501', null, 'and asks for none');

select act_as('user A');
select throws_ok($$select private.request_binding(user_a(), pg_temp.run_a(), 'print')$$, '42501', null, 'A asks through the product');
select throws_ok($$select private.finish_binding(gen_random_uuid(), 1, '{}', '{}')$$, '42501', null, 'and finishes nothing');
select throws_ok($$select private.note_binding(gen_random_uuid(), 1, 1)$$, '42501', null, 'nor says how far it is');
select throws_ok('select private.mark_edited(user_a(), null, 1, true)', '42501', null, 'nor says what was edited');
select throws_ok('select private.export_account_v1(user_a())', '42501', null, 'nor takes an account along');

select act_as('owner');
select is(private.print_order('{}'),
          '{"printer": "kdp", "trim": "8.5x11", "bleed": false, "single_sided": true, "title": "", "author": ""}',
          'an order of before has the defaults');
select is(private.print_order('{"title": "Owls", "book": {"paper": "square"}}') ->> 'trim', '8.5x8.5', 'its trim is its paper''s');
select is(private.print_order('{"title": "Owls", "book": {"print": {"trim": "6x9", "bleed": true}}}'),
          '{"printer": "kdp", "trim": "6x9", "bleed": true, "single_sided": true, "title": "Owls", "author": ""}',
          'what it says goes first');
select is(private.print_order('{"title": "Owls", "book": "a book about owls"}') ->> 'title', 'Owls', 'a book that is a text says nothing');
select is(private.print_order('{"book": {"print": {"trim": "large"}}}') ->> 'trim', '8.5x11', 'what is no print is not heeded');
select is(private.print_fault(null), null, 'nothing said is nothing wrong');
select is(private.print_fault('{"printer": "kdp", "trim": "8.27x11.69", "bleed": true, "single_sided": false, "title": "", "author": "Ä"}'),
          null, 'a whole print is fine');
select is(private.print_fault('[]'), 'a print is an object', 'a list is none');
select is(private.print_fault('{"colour": true}'), 'a print has no colour', 'nor is what it does not have');
select is(private.print_fault('{"bleed": "yes"}'), 'bleed of a print is not a boolean', 'a word is no yes');
select is(private.print_fault('{"trim": "8.5 by 11"}'), 'trim of a print is none', 'nor a size');
select is(private.print_fault('{"printer": "../kdp"}'), 'printer of a print is none', 'nor a path a name');
select is(private.print_fault(jsonb_build_object('author', repeat('x', 121))), 'author of a print is longer than 120 characters',
          'names end');
select is(private.print_fault(jsonb_build_object('title', E'a\nb')), 'title of a print is none', 'a title is one line');
select is(private.print_fault('{"author": null}'), 'author of a print is not a string', 'and nobody is a text');
select throws_ok($$insert into public.runs (user_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at)
                   values (user_a(), 'lite', '{"book": {"print": {"trim": 7}}, "pages": [{"operations": ["raster"]}]}', 1, 2, 1, now())$$,
                 '22023', 'trim of a print is not a string', 'no run is kept with what is no print');
select throws_ok($$insert into public.drafts (user_id, key, request) values (user_a(), 'key-0002', '{"print": {"bleed": 1}}')$$,
                 '23514', null, 'and no draft');
select lives_ok($$insert into public.drafts (user_id, key, request) values (user_a(), 'key-0003', '{"print": {"bleed": true}}')$$,
                'but with one that is');

select act_as('service');
select is(private.request_binding(user_a(), pg_temp.run_a(), 'print') ->> 'code', 'nothing_drawn', 'nothing is bound of nothing');
select throws_ok($$select private.request_binding(user_b(), pg_temp.run_a(), 'print')$$, '22023', null, 'and nothing for B');
create temp table claimed as select * from private.claim_jobs('tap', 1);
select results_eq($$select c.id from claimed c, private.complete_jobs(array[c.id], array[c.lease_token], array[
  '{"provider": "p", "model": "m", "width_px": 10, "height_px": 10, "dpi": 300, "bit_depth": 1, "files": {"pdf": "a/b.pdf"}}'::jsonb])$$,
  'select id from claimed', 'a page is drawn');
select throws_ok($$select private.request_binding(user_a(), pg_temp.run_a(), 'print', '{"trim": "huge"}')$$, '23514',
                 'trim of a print is none', 'what is no print is bound for nobody');
select throws_ok($$select private.request_binding(user_a(), pg_temp.run_a(), 'scroll')$$, '23514', null, 'there are four kinds');
select is(private.request_binding(user_a(), pg_temp.run_a(), 'print', '{"trim": "8.5x11"}') ->> 'export_id',
          private.request_binding(user_a(), pg_temp.run_a(), 'print', '{"trim": "8.5x11"}') ->> 'export_id',
          'the same print is one export');
select isnt(private.request_binding(user_a(), pg_temp.run_a(), 'print') ->> 'export_id',
            (select id::text from public.exports where wanted ->> 'trim' = '8.5x11'), 'another trim is another');
select is(private.request_binding(user_a(), pg_temp.run_a(), 'shop', '{"trim": "6x9"}') ->> 'export_id',
          private.request_binding(user_a(), pg_temp.run_a(), 'shop') ->> 'export_id', 'a shop has its own sizes');
select is(private.request_export(user_a(), pg_temp.run_a(), 'book') ->> 'export_id',
          private.request_binding(user_a(), pg_temp.run_a(), 'book') ->> 'export_id', 'an older Studio''s book is the same');
select results_eq($$select payload -> 'print', credits_half, payload -> 'pages' -> 0 ->> 'provider', payload -> 'pages' -> 0 ->> 'margin_in'
                    from public.jobs where type = 'bind' order by payload ->> 'kind', payload #>> '{print,trim}'$$,
  $$values (null::jsonb, 0, 'p', '0.5'),
    ('{"printer": "lulu", "trim": "8.27x11.69", "bleed": false, "single_sided": true, "title": "Foxes", "author": "A. B."}', 0, 'p', '0.5'),
    ('{"printer": "lulu", "trim": "8.5x11", "bleed": false, "single_sided": true, "title": "Foxes", "author": "A. B."}', 0, 'p', '0.5'),
    ('{"shop": "etsy", "title": "Foxes", "author": "A. B."}', 0, 'p', '0.5')$$, 'jobs say it whole, for no credits');

select ok(private.mark_edited(user_a(), pg_temp.run_a(), 1, true), 'A has drawn on a page');
select ok(not private.mark_edited(user_b(), pg_temp.run_a(), 1, false), 'which is nothing that B says');
select results_eq('select edited_at is not null from public.generations', array[true], 'it is on record');
select isnt(private.request_binding(user_a(), pg_temp.run_a(), 'shop') ->> 'export_id',
            (select id::text from public.exports where kind = 'shop' order by created_at limit 1), 'and asks for other answers');
select ok(private.mark_edited(user_a(), pg_temp.run_a(), 1, false), 'it may be taken back');

create temp table binding as select * from private.claim_jobs('tap', 1);
select ok(not (select private.note_binding(id, lease_token - 1, 1) from binding), 'an older lease does not say how far it is');
select ok((select private.note_binding(id, lease_token, 7) from binding), 'the present one does');
select results_eq('select pages_done from public.exports where job_id = (select id from binding)', array[1],
                  'and not further than there is');
select ok(not (select private.finish_binding(id, lease_token - 1, '{"a.pdf": {"key": "a/x", "bytes": 5}}', '{"ready": true}') from binding),
          'an older lease finishes nothing');
select ok((select private.finish_binding(id, lease_token, '{"a.pdf": {"key": "a/a", "bytes": 5},
             "interior.pdf": {"key": "a/i", "bytes": 6}}', '{"ready": true, "findings": []}') from binding), 'the present one does');
select results_eq('select file, bytes, ready from public.exports where file is not null', $$values ('a/i', 11::bigint, true)$$,
                  'it lies there');
select set_eq($$select private.files_of_user(user_a())$$, array['a/b.pdf', 'a/a', 'a/i'], 'and goes with its user');

select act_as('user A');
select results_eq($$select count(*)::int from public.exports where files ? 'interior.pdf'$$, array[1], 'A sees A''s');
select act_as('user B');
select is_empty('select id from public.exports', 'B does not');
select act_as('admin');
select results_eq($$select count(*)::int from public.exports where files ? 'interior.pdf'$$, array[1], 'an admin does');

select * from finish();
rollback;
