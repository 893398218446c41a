-- The catalogue: everybody sees what there is to buy, and only those who run the product see what
-- it costs us. Nobody changes it by hand.
begin;
\ir personas.psql
select plan(21);

select act_as('visitor');
select bag_eq('select operation from public.plan_operations where plan = ''pro''', array['raster', 'fix_upscale'],
              'a visitor sees what a plan holds');
select throws_ok('select code from public.operations', '42501', null, 'but not the operations themselves');

select act_as('user A');
select results_eq('select label, credits_half from public.operations where code = ''raster''', $$values ('Draw a page', 2)$$,
                  'a user sees what an operation costs in credits');
select throws_ok('select cogs_max_micro_usd from public.operations', '42501', null, 'but not what it may cost us');
select throws_ok('select * from public.provider_prices', '42501', null, 'nor what providers charge');
select throws_ok('select * from public.operation_steps', '42501', null, 'nor who does it');
select throws_ok('select * from public.governor_settings', '42501', null, 'nor by which bounds a run is decided');
select throws_ok('update public.operations set credits_half = 0', '42501', null, 'and a user sets no price');
select throws_ok('select * from private.operation_costs(now())', '42501', null, 'or calls a function');

select act_as('service');
select results_eq('select provider from private.routes() where operation = ''raster'' and step = ''raster''',
                  array['replicate'], 'the service knows who draws');
select results_eq('select unit_micro_usd from private.unit_prices() where model = ''flux-schnell''', array[3000::numeric],
                  'and at what price');
select is_empty('select * from private.operation_costs(private.clock()) where unpriced is not null or worst_micro_usd > max_micro_usd',
                'every operation has a price, and none could cost more than it may');
select is_empty('select * from private.operation_costs(''2025-01-01Z'') where operation = ''raster'' and unpriced is null',
                'before its first price an operation has none');
select throws_ok('update public.operations set switched_off = true', '42501', null, 'the service flips no switch by hand');
select throws_ok('insert into public.provider_prices select * from public.provider_prices', '42501', null, 'and sets no price');

select act_as('owner');
update public.operations set uses_fallback = true where code = 'raster';
insert into public.provider_prices values ('replicate', 'flux-schnell', 'image', private.clock() + interval '1 day', 1, 'tap');
select throws_ok($$insert into public.operation_steps values ('raster', false, 'judge', 'p', 'm', 'hour', 1)$$, '23514', null,
                 'nothing is counted in units that have no price');

select act_as('service');
select results_eq('select provider from private.routes() where operation = ''raster'' and step = ''raster''',
                  array['recraft'], 'an operation that was switched goes to its fallback');
select results_eq('select unit_micro_usd from private.unit_prices() where model = ''flux-schnell''', array[3000::numeric],
                  'and a price of tomorrow is not in force');

select act_as('admin');
select results_eq('select margin_floor from public.governor_settings', array[0.4], 'an admin sees the bounds');
select isnt_empty('select * from public.provider_prices', 'and the prices');
select throws_ok('update public.governor_settings set margin_floor = 0', '42501', null, 'but changes neither by hand');

select * from finish();
rollback;
