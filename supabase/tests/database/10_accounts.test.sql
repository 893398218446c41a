-- Signing up makes a profile and an account; each user sees and edits its own.
begin;
create schema if not exists extensions;
create extension if not exists pgtap with schema extensions;
grant usage on schema extensions to authenticated, anon;
set local search_path = extensions, public;
select plan(8);

insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000aa', 'a@example.com'),
                                          ('00000000-0000-4000-8000-0000000000bb', 'b@example.com');
select results_eq('select count(*)::int from public.profiles where id::text like ''%-0000000000__''', array[2], 'each has a profile');
select results_eq('select distinct balance_half::int from public.credit_accounts where user_id::text like ''%aa''', array[0],
                  'and an empty account');
insert into public.projects (user_id, name) values ('00000000-0000-4000-8000-0000000000bb', 'B''s book');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000aa", "role": "authenticated"}', true);
select results_eq('select id from public.profiles', array['00000000-0000-4000-8000-0000000000aa'::uuid], 'A sees its own profile alone');
select lives_ok('insert into public.projects (name) values (''A''''s book'')', 'A makes a project');
select results_eq('select name from public.projects', array['A''s book'], 'and sees no other');
select throws_ok('update public.credit_accounts set balance_half = 100', '42501', null, 'A does not give itself credits');
select throws_ok('select private.add_credits(auth.uid(), ''grant'', 100, ''grant:1'')', '42501', null, 'nor by the function');

set local role anon;
select throws_ok('select * from public.profiles', '42501', null, 'a stranger may not even ask');

select * from finish();
rollback;
