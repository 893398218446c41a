-- What makes a database of one's own, with a user to try things on.

-- name: create_database
create database myjoe

-- name: new_user
insert into auth.users (email) values (%(email)s) returning id

-- name: subscribe
select private.put_subscription(%(user)s, %(subscription)s, %(customer)s, 'max', 'active', now())

-- name: grant_credits
select private.add_credits(%(user)s, 'grant', %(half)s, %(reference)s, 'to try things on')

-- name: new_project
insert into public.projects (user_id, name) values (%(user)s, 'First book') returning id
