-- A quote refuses what submit_run would refuse, and names no price for it.
begin;
\ir personas.psql
select plan(9);

select private.put_subscription(user_a(), 'sub_tap', 'cus_tap', 'max', 'active', now());
select private.add_credits(user_a(), 'grant', 40, 'grant:tap');

select act_as('visitor');
select throws_ok('select private.order_fault(''{}'')', '42501', null, 'a visitor looks at no order');
select act_as('user A');
select throws_ok('select private.order_fault(''{}'')', '42501', null, 'nor does a user');
select lives_ok($$insert into public.projects (name) values ('A''s book')$$, 'A has a project');
select act_as('admin');
select throws_ok('select private.order_fault(''{}'')', '42501', null, 'nor an admin');

select set_config('role', 'none', true);
update public.projects set id = project_a() where user_id = user_a();

select act_as('service');
select throws_ok($$select private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"], "colour": "red"}]}')$$, '22023',
                'page 1: there is no field colour in an order', 'no price for a field that there is not');
select throws_ok($$select private.quote_run(user_a(), project_a(), jsonb_build_object('title', repeat('x', 20001),
                                            'pages', '[{"operations": ["raster"]}]'::jsonb))$$, '22023',
                'title is longer than 20000 characters, or lies too deep', 'nor for a title that is too long');
select throws_ok($$select private.quote_run(user_a(), project_a(), '{"pages": 7}')$$, '22023',
                'a manifest has a list of pages, one at least', 'nor for what is no manifest');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"], "prompt": "a cat"}]}') -> 'accepted', 'true',
          'what is in bounds has its price');

select set_config('role', 'none', true);
update public.credit_accounts set balance_half = 0 where user_id = user_a();
select act_as('service');
select is(private.quote_run(user_a(), project_a(), '{"pages": [{"operations": ["raster"], "colour": "red"}]}') ->> 'code',
          'insufficient_credits', 'what is refused is looked at no further, as when it is submitted');

select * from finish();
rollback;
