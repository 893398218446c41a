-- A user's ledger is read by its entries, and by nobody else's.
begin;
\ir personas.psql
select plan(7);

select has_index('public', 'credit_ledger', 'credit_ledger_user_entry', array['user_id', 'id'], 'entries of a user have their order');
select hasnt_index('public', 'credit_ledger', 'credit_ledger_user', 'one index by user is enough');
select private.add_credits(user_a(), 'grant', 4, 'grant:tap1');
select private.add_credits(user_b(), 'grant', 6, 'grant:tap2');
select private.add_credits(user_a(), 'topup', 8, 'topup:tap3');

prepare newest as select reference from public.credit_ledger where reference like '%:tap_' order by id desc limit 2;
select act_as('visitor');
select throws_ok('execute newest', '42501', null, 'a visitor reads no ledger');
select act_as('user A');
select results_eq('execute newest', array['topup:tap3', 'grant:tap1'], 'A reads their own, the newest first');
select act_as('user B');
select results_eq('execute newest', array['grant:tap2'], 'B reads theirs');
select act_as('service');
select results_eq('execute newest', array['topup:tap3', 'grant:tap2'], 'the service reads all');
select act_as('admin');
select results_eq('execute newest', array['topup:tap3', 'grant:tap2'], 'and so does an admin');

select * from finish();
rollback;
