-- What the admin pages ask: users by their address, all about one of them, and the end of a freeze.
begin;
\ir personas.psql
select plan(16);

select private.add_credits(user_a(), 'grant', 4, 'grant:tap');

select act_as('visitor');
select throws_ok($$select * from private.admin_find_users('example')$$, '42501', null, 'a visitor finds nobody');
select act_as('user A');
select throws_ok($$select * from private.admin_find_users('example')$$, '42501', null, 'nor does a user');
select throws_ok($$select private.admin_unfreeze(user_a(), 'for myself')$$, '42501', null, 'who unfreezes nobody');
select act_as('service');
select throws_ok($$select private.admin_look_v2(user_a(), 'curious')$$, '42501', null, 'the service is no admin');

select act_as('admin');
select results_eq($$select email from private.admin_find_users('A@EXAM')$$, array['a@example.com'], 'an admin finds a user by address');
select is_empty($$select * from private.admin_find_users('a@')$$, 'by three letters at least');
select is_empty($$select * from private.admin_find_users('%_%')$$, 'which are letters and no pattern');
select is(private.admin_look_v2(user_a(), 'a question') -> 'standing' ->> 'balance_half', '4', 'a user is seen as they stand');
select is(private.admin_look_v2(user_a(), 'a question') -> 'ledger' -> 0 ->> 'reference', 'grant:tap', 'with the ledger');
select throws_ok($$select private.admin_look_v2(user_a(), '')$$, '23514', null, 'never without a reason');
select ok(not private.admin_unfreeze(user_a(), 'by mistake'), 'who is not frozen stays as they are');

reset role;
update public.credit_accounts set frozen_at = private.clock(), frozen_reason = 'A payment was disputed.', owed_half = 6
where user_id = user_a();
select act_as('admin');
select is(private.standing(user_a()) ->> 'frozen', 'A payment was disputed.', 'an admin sees why somebody is frozen');
select ok(private.admin_unfreeze(user_a(), 'the dispute was a mistake'), 'and ends it');
select is(private.standing(user_a()) ->> 'frozen', null, 'from then on');
select is(private.standing(user_a()) ->> 'owed_half', '6', 'what is owed stays owed');
select results_eq('select action from public.admin_actions order by id', array['look', 'look', 'unfreeze'], 'and all of it is on record');

select * from finish();
rollback;
