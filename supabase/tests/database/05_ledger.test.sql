-- The ledger only grows, and the balance is its sum.
begin;
\ir personas.psql
select plan(24);

select act_as('service');
select ok(private.add_credits(user_a(), 'topup', 5, 'topup:tap'), 'the service books a top-up');
select ok(not private.add_credits(user_a(), 'topup', 5, 'topup:tap'), 'once');
select throws_ok($$select private.add_credits(user_a(), 'topup', 6, 'topup:tap')$$, '23505', null,
                 'another amount under the same reference is an error');
select throws_ok($$select private.add_credits(user_a(), 'refund', 6, 'refund:tap')$$, '22023', null, 'refunds do not come in this way');
select throws_ok($$insert into public.credit_ledger (user_id, kind, amount_half, reference) values (user_a(), 'grant', 6, 'grant:tap')$$,
                 '42501', null, 'the service books by functions alone');
select throws_ok('update public.credit_accounts set balance_half = 100', '42501', null, 'and sets no balance');
select is_empty('select * from private.ledger_drift', 'the balance is the sum');

select act_as('owner');
select throws_ok('update public.credit_ledger set amount_half = 9', '42501', null, 'not even the owner changes a row');
select throws_ok('delete from public.credit_ledger', '42501', null, 'or deletes one');
select throws_ok($$insert into public.credit_ledger (user_id, kind, amount_half, reference) values (user_a(), 'burn', -6, 'burn:tap')$$,
                 '23514', null, 'no row overdraws');
select throws_ok($$insert into public.credit_ledger (user_id, kind, amount_half, reference) values (user_a(), 'burn', 6, 'burn:tap')$$,
                 '23514', null, 'a burn is negative');
select throws_ok($$insert into public.credit_ledger (user_id, kind, amount_half, reference) values (user_a(), 'grant', 6, 'topup:x')$$,
                 '23514', null, 'a reference names its kind');

select act_as('visitor');
select throws_ok('select * from public.credit_accounts', '42501', null, 'a visitor may not ask for balances');
select throws_ok('select * from public.credit_ledger', '42501', null, 'or for the ledger');

select act_as('user A');
select results_eq('select balance_half::int from public.credit_accounts', array[5], 'A sees A''s balance');
select results_eq('select reference from public.credit_ledger', array['topup:tap'], 'and A''s rows of the ledger');
select throws_ok('update public.credit_accounts set balance_half = 100', '42501', null, 'A does not give A credits');
select throws_ok($$select private.add_credits(user_a(), 'grant', 100, 'grant:1')$$, '42501', null, 'nor by the function');
select throws_ok('select * from private.ledger_drift', '42501', null, 'and the views of the dashboard are not for users');

select act_as('user B');
select results_eq('select balance_half::int from public.credit_accounts', array[0], 'B sees B''s balance alone');
select is_empty('select * from public.credit_ledger', 'and no row of A');

select act_as('admin');
select results_eq('select balance_half::int from public.credit_accounts where user_id in (user_a(), user_b()) order by 1', array[0, 5],
                  'an admin sees all balances');
select is_empty('select * from private.ledger_drift', 'and that they are right');
select throws_ok($$select private.add_credits(user_a(), 'grant', 100, 'grant:1')$$, '42501', null, 'but does not book a grant');

select * from finish();
rollback;
