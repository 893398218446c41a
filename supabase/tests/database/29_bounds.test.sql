-- Bounds: an order has its own fields and no others, projects are small and not too many.
begin;
\ir personas.psql
select plan(19);

select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'max', 'active', now());
select private.add_credits(user_a(), 'grant', 40, 'grant:tap');

select act_as('visitor');
select throws_ok('select private.page_fault(''{}'')', '42501', null, 'a visitor looks at no order');

select act_as('user A');
insert into public.projects (name, settings) values ('small', '{"paper": "a4"}');
select throws_ok($$insert into public.projects (name, settings) values ('large', jsonb_build_object('x', repeat('x', 20000)))$$,
                 '23514', null, 'what a project holds is bounded');
select throws_ok($$update public.projects set settings = jsonb_build_object('x', repeat('x', 20000))$$, '23514', null, 'later, too');
select throws_ok($$insert into public.projects (name, settings) values ('list', '[1]')$$, '23514', null, 'and it is an object');
select lives_ok($$insert into public.projects (name) select 'p' || n from generate_series(2, 1000) as n$$, 'A has a thousand projects');
select throws_ok($$insert into public.projects (name) values ('one more')$$, '23514', 'a user has 1000 projects at most', 'and no more');
delete from public.projects where name = 'p1000';
select lives_ok($$insert into public.projects (name) values ('in its place')$$, 'unless one goes');
select act_as('user B');
select lives_ok($$insert into public.projects (name) values ('B')$$, 'which is nothing to B');

select act_as('admin');
select throws_ok($$insert into public.projects (name) values ('an admin''s')$$, '42501', null, 'an admin makes no projects');

select set_config('role', 'none', true);
update public.projects set id = project_a() where user_id = user_a() and name = 'small';
create function extensions.order_page(page jsonb, key text default 'k') returns text language sql as $$
  select private.submit_run(user_a(), project_a(), key,
                            jsonb_build_object('pages', jsonb_build_array('{"operations": ["raster"]}'::jsonb || page))) ->> 'accepted'
$$;
grant execute on function order_page(jsonb, text) to service_role;

select act_as('service');
select is(order_page('{"prompt": "a cat", "title": "A cat", "style": null, "audience": "kids", "paper": "a4", "dpi": 300, "margin_in": 0.5,
                       "seed": 7, "options": {"turn_policy": "black", "invert": true}}'), 'true', 'an order has its fields');
select throws_ok($$select order_page('{"colour": "red"}', 'k2')$$, '22023', 'page 1: there is no field colour in an order', 'no others');
select throws_ok($$select order_page('{"colour": null}', 'k2')$$, '22023', 'page 1: there is no field colour in an order',
                 'not even empty');
select throws_ok($$select order_page('{"prompt": 7}', 'k2')$$, '22023', 'page 1: prompt is not a string', 'of their kinds');
select throws_ok($$select order_page(jsonb_build_object('prompt', repeat('x', 4001)), 'k2')$$, '22023',
                 'page 1: prompt is longer than 4000 characters', 'not too long');
select throws_ok($$select order_page(('{"seed": 1' || repeat('0', 5000) || '}')::jsonb, 'k2')$$, '22023',
                 'page 1: seed is longer than 12 characters', 'nor of five thousand digits');
select throws_ok($$select order_page(('{"options": {"threads": 1' || repeat('0', 300) || '}}')::jsonb, 'k2')$$, '22023',
                 'page 1: an option is longer than 200 characters, or holds others', 'an option neither');
select throws_ok($$select order_page(('{"options": {"a": ' || repeat('[', 1200) || repeat(']', 1200) || '}}')::jsonb, 'k2')$$, '22023',
                 'page 1: an option is longer than 200 characters, or holds others', 'no lists in lists in lists');
select throws_ok($$select private.submit_run(user_a(), project_a(), 'k2', ('{"pages": [{"operations": ["raster"]}], "book": '
                   || repeat('[', 1200) || repeat(']', 1200) || '}')::jsonb)$$, '22023',
                 'book is longer than 20000 characters, or lies too deep', 'nor beside the pages');
select is((select count(*)::int from public.runs where user_id = user_a()), 1, 'nothing was made of those, and nothing paid');

select * from finish();
rollback;
