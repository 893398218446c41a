-- Standing: who is an admin is asked of a table, which nobody writes but by a function that leaves
-- a record; what a user owes and when they leave is theirs to read and not to write.
begin;
\ir personas.psql
select plan(17);

select act_as('visitor');
select throws_ok('select * from public.admins', '42501', null, 'a visitor does not learn who is an admin');
select throws_ok($$select private.admin_appoint('a@example.com', true, 'to be one')$$, '42501', null, 'nor appoints one');

select act_as('user A');
select throws_ok('select * from public.admins', '42501', null, 'no more does a user');
select throws_ok($$insert into public.admins (user_id, appointed_by, reason) values (user_a(), 'me', 'to be one')$$, '42501', null,
                 'who makes nobody an admin');
select throws_ok($$select private.admin_appoint('a@example.com', true, 'to be one')$$, '42501', null, 'by no function either');
select throws_ok('update public.credit_accounts set frozen_at = null', '42501', null, 'thaws no account');
select throws_ok('update public.profiles set deletion_at = null', '42501', null, 'and puts off no deletion by hand');

select act_as('service');
select throws_ok($$select private.admin_appoint('a@example.com', true, 'to be one')$$, '42501', null, 'the service appoints nobody');

select act_as('admin');
select is(private.admin_appoint('A@example.com', true, 'runs the shop'), user_a(), 'an admin appoints another, by the address');
select is(private.admin_appoint('a@example.com', true, 'runs the shop'), user_a(), 'twice is once');
select results_eq('select user_id, reason from public.admins', $$values (user_a(), 'runs the shop')$$, 'and can read who there are');
select throws_ok($$select private.admin_appoint('nobody@example.com', true, 'runs the shop')$$, '22023', null, 'nobody is no admin');
select throws_ok($$select private.admin_appoint('b@example.com', true, '')$$, '23514', null, 'without a reason there is none');
select throws_ok('delete from public.admins', '42501', null, 'none is dismissed by hand');
select is(private.admin_appoint('a@example.com', false, 'has left us'), user_a(), 'but by the same function');
select is_empty('select * from public.admins', 'then there is none left');
select results_eq($$select action, reason from public.admin_actions order by id$$,
                  $$values ('appoint', 'runs the shop'), ('appoint', 'runs the shop'), ('dismiss', 'has left us')$$,
                  'all of it is on record');

select * from finish();
rollback;
