-- Troubles of an operator are told once, whoever meets them.
begin;
\ir personas.psql
select plan(13);

select act_as('visitor');
select throws_ok($$select private.begin_trouble('openai', 'account')$$, '42501', null, 'a visitor begins none');
select act_as('user A');
select throws_ok($$select private.end_trouble('openai', 'account')$$, '42501', null, 'a user ends none');
select throws_ok($$select * from private.troubles_told$$, '42501', null, 'and reads of none');
select act_as('admin');
select throws_ok($$select private.end_troubles_of_nobody()$$, '42501', null, 'an admin ends none');
select is_empty($$select * from private.troubles_told$$, 'but may read');

select act_as('service');
select is(private.begin_trouble('openai', 'account'), true, 'the first who meets it tells');
select is(private.begin_trouble('openai', 'account'), false, 'nobody else does');
select is(private.begin_trouble('storage', 'storage'), true, 'another is another');
select ok(private.end_trouble('openai', 'account') >= 0, 'the first who is past it tells for how long it stood');
select is(private.end_trouble('openai', 'account'), null, 'nobody else does');
select is(private.begin_trouble('openai', 'account'), true, 'when it begins anew, that is told');

select act_as('owner');
select private.enqueue_jobs(user_a(), null, 'page', '[{}]');
update public.jobs set error_kind = 'account', last_error = 'openai: the account is empty';
select act_as('service');
select results_eq($$select provider, kind from private.end_troubles_of_nobody()$$, $$values ('storage', 'storage')$$,
                  'what no page tells of is over');
select results_eq($$select provider from private.troubles_told$$, array['openai'], 'what one tells of stands');

select * from finish();
rollback;
