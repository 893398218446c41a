-- What makes a database of one's own, with a user to try things on.

-- name: create_database
create database myjoe

-- name: complete
-- What databases of earlier versions lack outside of the migrations, which change nothing of the
-- identity service's: indexes of its tables, which are ours here.
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values ('sessions_user', 'sessions', 'user_id'), ('refresh_tokens_session', 'refresh_tokens', 'session_id'),
                          ('one_time_tokens_user', 'one_time_tokens', 'user_id')) as w (index_name, table_name, column_name)
    where to_regclass('auth.' || w.table_name) is not null and to_regclass('auth.' || w.index_name) is null
  loop
    execute format('create index %I on auth.%I (%I)', wanted.index_name, wanted.table_name, wanted.column_name);
  end loop;
end $$

-- name: new_user
insert into auth.users (email) values (%(email)s) returning id

-- name: subscribe
select private.put_subscription(%(user)s, %(subscription)s, %(customer)s, 'max', 'active', now())

-- name: grant_credits
select private.add_credits(%(user)s, 'grant', %(half)s, %(reference)s, 'to try things on')

-- name: new_project
insert into public.projects (user_id, name) values (%(user)s, 'First book') returning id
