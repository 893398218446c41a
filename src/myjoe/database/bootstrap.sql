-- What Supabase has before the first migration runs, as far as our migrations touch it: roles,
-- auth, storage and realtime.
--
-- It is written afresh from the documented behaviour. Tests, the embedded database and any plain
-- PostgreSQL use it; a Supabase project has the real thing, and the migrations are the same. It
-- runs as a superuser. Roles belong to the whole server, so each may exist already.

do $$
declare
  role_line text;
begin
  foreach role_line in array array[
    'postgres login createdb createrole replication bypassrls nosuperuser',
    'anon nologin noinherit',
    'authenticated nologin noinherit',
    'service_role nologin noinherit bypassrls',
    'authenticator login noinherit',
    'supabase_auth_admin nologin noinherit',
    'supabase_storage_admin nologin noinherit',
    'supabase_realtime_admin nologin noinherit'
  ] loop
    begin
      execute 'create role ' || role_line;
    exception when duplicate_object or unique_violation then
      null;  -- another database of this server, or the one who set up the server, made it
    end;
  end loop;
end $$;

grant anon, authenticated, service_role to authenticator, postgres;
-- Stands in for the platform's rule that lets postgres write policies on tables of these two.
grant supabase_storage_admin, supabase_realtime_admin to postgres;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

do $$ begin execute format('grant create on database %I to postgres', current_database()); end $$;
grant create, usage on schema public to postgres;
grant usage on schema public to anon, authenticated, service_role;

-- ── auth ─────────────────────────────────────────────────────────────────────────────────────────
create schema auth authorization supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  aud text,
  role text,
  email text,
  encrypted_password text,
  email_confirmed_at timestamptz,
  phone text unique,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  banned_until timestamptz,
  deleted_at timestamptz,
  is_anonymous boolean not null default false,
  is_sso_user boolean not null default false
);
alter table auth.users enable row level security;
alter table auth.users owner to supabase_auth_admin;
create unique index users_email on auth.users (email) where not is_sso_user;
grant select, insert, update, delete, references, trigger on auth.users to postgres;

-- What the identity service keeps beside its users, as far as the Studio's embedded one does.
create table auth.sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz
);
create table auth.refresh_tokens (
  id bigint generated always as identity primary key,
  token text not null unique,
  session_id uuid not null references auth.sessions (id) on delete cascade,
  revoked boolean not null default false,
  created_at timestamptz,
  updated_at timestamptz
);
create table auth.one_time_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  token_type text not null,
  token_hash text not null unique,
  created_at timestamptz
);
-- By these the real one finds them, too.
create index sessions_user on auth.sessions (user_id);
create index refresh_tokens_session on auth.refresh_tokens (session_id);
create index one_time_tokens_user on auth.one_time_tokens (user_id);
do $$
declare
  name text;
begin
  foreach name in array array['sessions', 'refresh_tokens', 'one_time_tokens'] loop
    execute format('alter table auth.%I enable row level security', name);
    execute format('alter table auth.%I owner to supabase_auth_admin', name);
    execute format('grant select, insert, update, delete on auth.%I to postgres', name);
  end loop;
end $$;

-- Claims are the empty string after the transaction that set them, not null.
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb
$$;
create function auth.uid() returns uuid language sql stable as
$$ select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as
$$ select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role') $$;

-- ── storage ──────────────────────────────────────────────────────────────────────────────────────
create schema storage authorization supabase_storage_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;

create table storage.buckets (
  id text primary key,
  name text not null unique check (length(name) <= 100),
  owner_id text,
  public boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
alter table storage.buckets enable row level security;
create table storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text references storage.buckets (id),
  name text,
  owner_id text,
  version text,
  metadata jsonb,
  user_metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  unique (bucket_id, name)
);
alter table storage.objects enable row level security;
alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
grant all on storage.buckets, storage.objects to postgres, anon, authenticated, service_role;

create function storage.foldername(name text) returns text[] language plpgsql immutable as
$$ declare parts text[] := string_to_array(name, '/'); begin return parts[1 : array_length(parts, 1) - 1]; end $$;

create function storage.protect_delete() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), '') <> 'true' then
    raise insufficient_privilege using message = 'Direct deletion from storage tables is not allowed. Use the Storage API instead.';
  end if;
  return null;
end $$;
create trigger protect_buckets_delete before delete on storage.buckets for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects for each statement execute function storage.protect_delete();

-- ── realtime ─────────────────────────────────────────────────────────────────────────────────────
create schema realtime authorization supabase_realtime_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

create table realtime.messages (
  id uuid not null default gen_random_uuid(),
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_default partition of realtime.messages default;
alter table realtime.messages enable row level security;
alter table realtime.messages_default enable row level security;
-- Who tells browsers of what is new asks by time.
create index messages_inserted_at on realtime.messages (inserted_at);
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages_default owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

create function realtime.topic() returns text language sql stable as $$ select nullif(current_setting('realtime.topic', true), '') $$;

-- Like the real one it never fails: what goes wrong becomes a warning.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language plpgsql as $$
begin
  begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (payload, event, topic, private, extension) values (payload, event, topic, private, 'broadcast');
  exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end $$;

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
