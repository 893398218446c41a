-- The clock can be read by those who may call functions at all. The environment is marked once, by
-- the service.
begin;
\ir personas.psql
select plan(17);

select act_as('visitor');
select throws_ok('select private.clock()', '42501', null, 'a visitor cannot ask for the time');
select throws_ok('select * from private.environment', '42501', null, 'or for the environment');

select act_as('user A');
select throws_ok('select private.environment()', '42501', null, 'nor can a user');
select throws_ok('select private.mark_environment(''production'')', '42501', null, 'and a user marks nothing');

select act_as('service');
select isnt(private.clock(), null, 'the service can read the clock');
select is(private.environment(), null, 'nobody has marked the database yet');
select throws_ok('select private.mark_environment(''moon'')', '23514', null, 'it cannot be marked with any word');
select lives_ok('select private.mark_environment(''development'')', 'the service marks it');
select lives_ok('select private.mark_environment(''development'')', 'the same again changes nothing');
select throws_ok('select private.mark_environment(''production'')', '22023', 'this database is marked as development',
                 'another environment is an error');
select is(private.environment(), 'development', 'and the first mark stays');
select throws_ok('update private.environment set name = ''production''', '42501', null, 'the service cannot overwrite it');
select throws_ok('delete from private.environment', '42501', null, 'or take it back');
select throws_ok('select private.machine_us()', '42501', null, 'the machine''s clock is for functions alone');

select act_as('admin');
select results_eq('select name from private.environment', array['development'], 'an admin sees the mark');
select isnt(private.clock(), null, 'and can read the clock');
select throws_ok('select private.mark_environment(''staging'')', '42501', null, 'but marks nothing');

select * from finish();
rollback;
