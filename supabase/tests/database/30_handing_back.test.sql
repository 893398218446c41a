-- Unanswered claims: the service hands back what a claim has leased, by the claim's name.
begin;
\ir personas.psql
select plan(9);

select private.enqueue_jobs(user_a(), null, 'page', '[{}, {}, {}]');

select act_as('visitor');
select throws_ok($$select private.release_claim('tap')$$, '42501', null, 'a visitor hands back nothing');
select act_as('user A');
select throws_ok($$select private.release_claim('tap')$$, '42501', null, 'nor does a user');
select act_as('admin');
select throws_ok($$select private.release_claim('tap')$$, '42501', null, 'nor an admin');

select act_as('service');
select results_eq($$select count(*)::int from private.claim_once('tap', false, 2, 300, null)$$, array[2], 'a claim leases two');
select results_eq($$select count(*)::int from private.claim_once('other', false, 2, 300, null)$$, array[1], 'another one');
select is(private.release_claim('tap'), 2, 'the first is handed back by its name');
select results_eq($$select status, attempts, count(*)::int from public.jobs group by 1, 2 order by 1$$,
                  $$values ('in_progress', 1, 1), ('pending', 0, 2)$$, 'untried, and the other stays');
select is(private.release_claim('tap'), 0, 'once');
select is(private.release_claim('never made'), 0, 'and what was never made is nothing');

select * from finish();
rollback;
