-- Users as an operator looks them up: by a part of their address, by their id, or all of them.
begin;
\ir personas.psql
select plan(10);

select private.add_credits(user_a(), 'grant', 4, 'grant:tap');
select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}]');

select act_as('visitor');
select throws_ok('select * from private.admin_users()', '42501', null, 'a visitor sees no user');
select act_as('user A');
select throws_ok('select * from private.admin_users()', '42501', null, 'nor does a user');
select act_as('service');
select throws_ok('select * from private.admin_users()', '42501', null, 'nor the service');

select act_as('admin');
select results_eq($$select email, balance_half, unfinished, dead, runs from private.admin_users('A@exam')$$,
                  $$values ('a@example.com', 4::bigint, 2::bigint, 0::bigint, 0::bigint)$$, 'a user is found by address');
select results_eq($$select email from private.admin_users('00000000-0000-4000-8000-0000000000aa')$$, array['a@example.com'], 'or by id');
select is((select count(*) from private.admin_users('00000000-0000-4000-8000-0000000000')), 2::bigint, 'or by its beginning');
select is((select count(*) from private.admin_users()), 2::bigint, 'all are shown');
select is((select count(*) from private.admin_users(null, 1)), 1::bigint, 'or so many');
select is_empty($$select * from private.admin_users('%')$$, 'what is looked for is letters and no pattern');
select is_empty($$select * from private.admin_users('nobody')$$, 'and nobody is found for nothing');

select * from finish();
rollback;
