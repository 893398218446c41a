-- A print may say its spine and the size of its cover, as lengths and nothing else; nobody but the
-- database asks whether it is one.
begin;
\ir personas.psql
select plan(13);

insert into public.projects (id, user_id, name) values (project_a(), user_a(), 'A''s book');

select act_as('visitor');
select throws_ok($$select private.print_fault('{}')$$, '42501', null, 'a visitor asks for nothing');
select act_as('user A');
select throws_ok($$select private.print_fault('{}')$$, '42501', null, 'nor does A');
select act_as('admin');
select throws_ok($$select private.print_fault('{}')$$, '42501', null, 'nor an admin');
select act_as('service');
do $$ begin
  perform private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'lite', 'active', now());
  perform private.add_credits(user_a(), 'grant', 20, 'grant:tap');
end $$;
select throws_ok($$select private.submit_run(user_a(), project_a(), 'key-0001',
    '{"title": "Foxes", "book": {"print": {"printer": "blurb", "spine": "thick"}},
      "pages": [{"operations": ["raster"], "prompt": "a"}]}')$$,
  null, 'spine of a print is none', 'no order has a spine that is no length');
select lives_ok($$select private.submit_run(user_a(), project_a(), 'key-0002',
    '{"title": "Foxes", "book": {"print": {"printer": "blurb", "spine": "0.3"}}, "pages": [{"operations": ["raster"], "prompt": "a"}]}')$$,
  'but one that is');

select act_as('owner');
select is(private.print_fault('{"spine": "0.245", "cover_size": "13.9x10.42"}'), null, 'both are lengths in inches');
select is(private.print_fault('{"spine": "", "cover_size": ""}'), null, 'or are not said after all');
select is(private.print_fault('{"spine": "12.5"}'), 'spine of a print is none', 'no spine is a foot wide');
select is(private.print_fault('{"spine": "6 mm"}'), 'spine of a print is none', 'it has no unit');
select is(private.print_fault('{"spine": 0.245}'), 'spine of a print is not a string', 'and is written as it was');
select is(private.print_fault('{"cover_size": "13.9"}'), 'cover_size of a print is none', 'a cover has two sides');
select is(private.print_fault('{"colour": true}'), 'a print has no colour', 'nothing else is new');
select is(private.print_order('{"book": {"print": {"printer": "blurb", "spine": "0.3"}}}') ->> 'spine', '0.3', 'an order says it');

select * from finish();
rollback;
