-- What workers have keys for, and what is switched because of it.
begin;
\ir personas.psql
select plan(15);

select act_as('visitor');
select throws_ok($$select * from private.tell_providers('w', '{}')$$, '42501', null, 'a visitor tells nothing');
select act_as('user A');
select throws_ok($$select * from private.tell_providers('w', '{}')$$, '42501', null, 'nor does a user');
select throws_ok('select * from private.worker_providers', '42501', null, 'who sees no worker');
select act_as('admin');
select throws_ok($$select * from private.tell_providers('w', '{}')$$, '42501', null, 'an admin is no worker');

select act_as('service');
select is_empty($$select * from private.tell_providers('full', '{openai,replicate,recraft}')$$, 'with all keys nothing changes');
select is_empty($$select * from private.tell_providers('one', '{recraft}')$$, 'nor with one, as another worker has them');
select is_empty($$select * from private.tell_providers('full', null)$$, 'a worker that leaves changes nothing by itself');
select results_eq($$select * from private.tell_providers('one', '{recraft}')$$,
                  $$values ('fix_upscale', 'off', 'no worker has a key for openai'),
                           ('raster', 'off', 'no worker has a key for openai, replicate'),
                           ('vector', 'off', 'no worker has a key for openai')$$, 'what nobody can do is switched off, with the reason');
select is_empty($$select * from private.tell_providers('one', '{recraft}')$$, 'once');
select ok(not (select switched_off from public.operations where code = 'brain'), 'plans are not made by workers');
select results_eq($$select operation, action from private.tell_providers('two', '{openai,recraft}')$$,
                  $$values ('fix_upscale', 'on'), ('vector', 'on')$$, 'what somebody can do is switched on again');
reset role;
update public.operations set switched_off = true, switch_reason = 'guard: too dear' where code = 'vector';
select act_as('service');
select results_eq($$select operation, action from private.tell_providers('sketch', '{*}')$$, $$values ('raster', 'on')$$,
                  'the sketcher does everything, but what the guard has switched off stays off');
select is_empty($$select * from private.tell_providers('one', '{recraft}')$$, 'and while it is there nothing is switched off');
reset role;
update private.worker_providers set seen_at = seen_at - interval '16 minutes' where worker in ('sketch', 'two');
select act_as('service');
select results_eq($$select operation, action from private.tell_providers('one', '{recraft}')$$,
                  $$values ('fix_upscale', 'off'), ('raster', 'off')$$, 'a worker that is silent for long is gone');
select is((select array_agg(worker) from private.worker_providers), array['one'], 'and forgotten');

select * from finish();
rollback;
