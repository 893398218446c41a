-- The ledger only grows, and the balance is its sum.
begin;
create schema if not exists extensions;
create extension if not exists pgtap with schema extensions;
grant usage on schema extensions to service_role;
set local search_path = extensions, public;
select plan(8);

insert into auth.users (id) values ('00000000-0000-4000-8000-0000000000aa');
select ok(private.add_credits('00000000-0000-4000-8000-0000000000aa', 'topup', 5, 'topup:tap'), 'a top-up is booked');
select ok(not private.add_credits('00000000-0000-4000-8000-0000000000aa', 'topup', 5, 'topup:tap'), 'once');
select throws_ok('select private.add_credits(''00000000-0000-4000-8000-0000000000aa'', ''topup'', 6, ''topup:tap'')', '23505', null,
                 'another amount under the same reference is an error');
select throws_ok('update public.credit_ledger set amount_half = 9', '42501', null, 'no row is changed');
select throws_ok('delete from public.credit_ledger', '42501', null, 'none is deleted');
select throws_ok('insert into public.credit_ledger (user_id, kind, amount_half, reference)
                  values (''00000000-0000-4000-8000-0000000000aa'', ''burn'', -6, ''burn:tap'')', '23514', null, 'none overdraws');
select is_empty('select * from private.ledger_drift', 'the balance is the sum');

set local role service_role;
select throws_ok('insert into public.credit_ledger (user_id, kind, amount_half, reference)
                  values (''00000000-0000-4000-8000-0000000000aa'', ''grant'', 6, ''grant:tap'')', '42501', null,
                 'the service books by functions alone');

select * from finish();
rollback;
