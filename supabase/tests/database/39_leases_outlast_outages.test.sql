-- Leases outlast an outage of the server: once after each opening, those that ran out get half
-- their time more.
begin;
\ir personas.psql
select plan(12);

select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}]');

select act_as('visitor');
select throws_ok($$select private.honour_leases()$$, '42501', null, 'a visitor makes no lease longer');
select act_as('user A');
select throws_ok($$select private.honour_leases()$$, '42501', null, 'nor does a user');
select throws_ok($$select last_value from private.leases_opening$$, '42501', null, 'or reads for which opening it was done');
select act_as('admin');
select throws_ok($$select private.honour_leases()$$, '42501', null, 'nor an admin');
select act_as('service');
select throws_ok($$select private.honour_leases()$$, '42501', null, 'the service does it by taking leases back');

select act_as('owner');
select ok(private.opened_us() <= private.machine_us(), 'the server has been open since some time that is gone');
select is((select last_value from private.leases_opening), private.opened_us(), 'for this opening it was done when this came to be');

select count(*) from private.claim_jobs('long', 1);
select count(*) from private.claim_jobs('short', 1);
-- Leases of a year and of two microseconds, both run out a second ago.
update public.jobs set lease_until = private.clock() - interval '1 second',
  locked_at = private.clock() - interval '1 second'
    - case locked_by when 'long' then interval '365 days' else interval '2 microseconds' end;
create temporary table leases as select id, locked_by, lease_until from public.jobs;
select private.honour_leases();
select is_empty($$select id, lease_until from public.jobs except select id, lease_until from leases$$, 'so nothing changes');

-- As after a restart, which this database has not seen yet.
select setval('private.leases_opening', 0);
select is(private.reclaim_jobs(), 1, 'a lease whose half is shorter than the server has been open is taken back');
select results_eq($$select j.locked_by, j.lease_until = private.clock() + (l.lease_until - j.locked_at) / 2
                    from public.jobs j join leases l using (id) where j.lease_until is not null$$,
                  $$values ('long'::text, true)$$, 'the other, which ran out as well, has half its time more');
select is((select last_value from private.leases_opening), private.opened_us(), 'which is noted');
update public.jobs set lease_until = private.clock() where lease_until is not null;
select is(private.reclaim_jobs(), 1, 'and happens once');

select * from finish();
rollback;
