-- What the embedded GoTrue asks. It runs as the owner of the database, as on Supabase the real one
-- owns the schema auth.

-- name: are_here
select to_regclass('auth.one_time_tokens') is not null as here

-- name: user_by_email
select id, email, encrypted_password, email_confirmed_at is not null as confirmed, created_at
from auth.users where email = %(email)s and not is_sso_user and deleted_at is null

-- name: user_by_session
select u.id, u.email, u.encrypted_password, u.email_confirmed_at is not null as confirmed, u.created_at
from auth.sessions s join auth.users u on u.id = s.user_id where s.id = %(session)s and u.deleted_at is null

-- name: user_by_token
-- Whose a refresh token is, whether it was used, and how long ago, in seconds.
select u.id, u.email, u.encrypted_password, u.email_confirmed_at is not null as confirmed, u.created_at, t.session_id as session,
       t.revoked, extract(epoch from private.clock() - t.updated_at)::float as used_seconds_ago
from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id join auth.users u on u.id = s.user_id
where t.token = %(token)s and u.deleted_at is null

-- name: new_user
-- Null where somebody else was quicker.
insert into auth.users (aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
values ('authenticated', 'authenticated', %(email)s, %(password)s, case when %(confirmed)s then private.clock() end,
        jsonb_build_object('provider', %(provider)s::text), '{}')
on conflict do nothing returning id, email, encrypted_password, email_confirmed_at is not null as confirmed, created_at

-- name: confirm
-- An address is proved. A password that somebody chose before that is dropped where another way
-- proved it: it may be a stranger's.
update auth.users set email_confirmed_at = coalesce(email_confirmed_at, private.clock()), updated_at = private.clock(),
  encrypted_password = case when %(drop_password)s and email_confirmed_at is null then null else encrypted_password end
where id = %(user)s
returning id, email, encrypted_password, email_confirmed_at is not null as confirmed, created_at

-- name: set_password
update auth.users set encrypted_password = %(password)s, updated_at = private.clock() where id = %(user)s

-- name: new_link
insert into auth.one_time_tokens (user_id, token_type, token_hash, created_at)
values (%(user)s, %(kind)s, %(hash)s, private.clock()) on conflict do nothing

-- name: take_link
-- A link is good once. Those that were not used in time go with it.
with taken as (delete from auth.one_time_tokens where token_hash = %(hash)s and token_type = any (%(kinds)s) returning user_id, created_at)
select user_id from taken where created_at > private.clock() - make_interval(secs => %(seconds)s)

-- name: new_session
with signed_in as (update auth.users set last_sign_in_at = private.clock() where id = %(user)s)
insert into auth.sessions (user_id, created_at) values (%(user)s, private.clock()) returning id

-- name: new_token
insert into auth.refresh_tokens (token, session_id, created_at, updated_at)
values (%(token)s, %(session)s, private.clock(), private.clock()) on conflict do nothing

-- name: revoke_token
update auth.refresh_tokens set revoked = true, updated_at = private.clock() where token = %(token)s and not revoked

-- name: end_session
delete from auth.sessions where id = %(session)s

-- name: end_sessions
delete from auth.sessions where user_id = %(user)s and id is distinct from %(but)s
