-- Rates: the service counts, in windows; nobody else sees or makes counts.
begin;
\ir personas.psql
select plan(13);

select act_as('visitor');
select throws_ok('select * from private.rates', '42501', null, 'a visitor sees no counts');
select throws_ok($$select private.take_rate('sign-in', 1, 60)$$, '42501', null, 'and makes none');

select act_as('user A');
select throws_ok($$select private.take_rate('sign-in', 1, 60)$$, '42501', null, 'no more does a user');

select act_as('admin');
select throws_ok($$select private.take_rate('sign-in', 1, 60)$$, '42501', null, 'nor an admin');
select throws_ok('delete from private.rates', '42501', null, 'who forgets no count either');

select act_as('service');
select throws_ok('update private.rates set taken = 0', '42501', null, 'the service counts by the function alone');
select results_eq($$select private.take_rate('sign-in:me', 2, 900) from generate_series(1, 2)$$, array[0, 0], 'two of two are taken');
select ok(private.take_rate('sign-in:me', 2, 900) between 1 and 900, 'the third waits for the window''s end');
select is(private.take_rate('sign-in:you', 2, 900), 0, 'another bucket has its own');
select throws_ok($$select private.take_rate('', 1, 60)$$, '23514', null, 'a bucket has a name');
select act_as('owner');
update private.rates set window_start = window_start - interval '900 seconds';
select act_as('service');
select is(private.take_rate('sign-in:me', 2, 900), 0, 'in the next window one begins anew');
select act_as('owner');
update private.rates set window_start = window_start - interval '3 days';
select act_as('service');
select lives_ok($$select private.take_rate('other', 1, 60)$$, 'a new count');
select act_as('owner');
select results_eq('select bucket from private.rates', array['other'], 'clears away those of old');

select * from finish();
rollback;
