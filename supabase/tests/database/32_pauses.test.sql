-- Pauses: who refuses is left alone by all workers; the service begins and ends it, admins look on.
begin;
\ir personas.psql
select plan(18);

select act_as('visitor');
select throws_ok($$select private.begin_pause('storage', 'storage', 'full', 0)$$, '42501', null, 'a visitor pauses nothing');
select act_as('user A');
select throws_ok('select private.paused()', '42501', null, 'a user does not see who is paused');
select throws_ok('select * from private.pauses', '42501', null, 'in no way');
select act_as('admin');
select is_empty('select * from private.pauses', 'an admin sees that nobody is');
select throws_ok($$select private.end_pause('storage')$$, '42501', null, 'and ends none');

select act_as('service');
select is(private.paused(), null, 'nobody is paused');
select results_eq($$select began, seconds from private.begin_pause('replicate', 'account', 'the account is empty', 300)$$,
                  $$values (true, 300::double precision)$$, 'the first refusal begins a pause');
select results_eq($$select began, seconds from private.begin_pause('replicate', 'busy', 'later', 0)$$,
                  $$values (false, 300::double precision)$$, 'another one, meanwhile, is the same');
select is((select times from private.pauses), 0, 'and counts as one');
select results_eq($$select began, seconds from private.begin_pause('storage', 'storage', 'read only', 'NaN')$$,
                  $$values (true, 1::double precision)$$, 'the storage has a pause of its own, with the floor of all pauses');
select is(private.paused() #>> '{replicate,seconds}', '300', 'each claim is told for how long');
select is(private.paused() #>> '{storage,reason}', 'read only', 'and why');

select set_config('role', 'none', true);
update private.pauses set until = private.clock();
select act_as('service');
select is((private.paused() #>> '{storage,seconds}')::numeric, 0::numeric, 'after it, it may be asked again');
select results_eq($$select began, seconds from private.begin_pause('storage', 'storage', 'read only', 0)$$,
                  $$values (false, 2::double precision)$$, 'and is left alone for longer if it refuses again');
select is((select times from private.pauses where what = 'storage'), 1, 'which counts');
select is(private.end_pause('storage'), 0::double precision, 'that it answers ends the pause');
select is(private.end_pause('storage'), null, 'once');
select act_as('admin');
select results_eq('select what, kind from private.pauses', $$values ('replicate', 'busy')$$, 'an admin sees the rest');

select * from finish();
rollback;
