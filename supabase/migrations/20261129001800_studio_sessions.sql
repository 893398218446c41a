-- Sessions of the Studio. The browser holds a random token; here lie its SHA-256 and, sealed by the
-- Studio, what the identity service gave for it. Whoever reads this table can sign in as nobody.

create table private.studio_sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  user_id uuid not null references public.profiles (id) on delete cascade,
  -- The tokens of the identity service under AES-GCM, with a key that the database does not know.
  sealed bytea not null check (length(sealed) < 20000),
  -- When the access token runs out, and who is just exchanging it for a new one, until when.
  access_until timestamptz not null,
  refreshing_until timestamptz,
  device text not null default '' check (length(device) <= 200),
  created_at timestamptz not null,
  seen_at timestamptz not null
);
alter table private.studio_sessions enable row level security;
create policy "Sessions can be read by nobody" on private.studio_sessions for select to myjoe_admin using (false);
create index studio_sessions_user on private.studio_sessions (user_id);
create index studio_sessions_seen on private.studio_sessions (seen_at);

-- How long a session lasts without a visit, and in all. Longer is more convenient; shorter leaves a
-- stolen cookie less time.
create function private.session_idle_max() returns interval language sql immutable set search_path = '' as $$ select interval '30 days' $$;
create function private.session_age_max() returns interval language sql immutable set search_path = '' as $$ select interval '180 days' $$;

-- Begin a session. A token that exists already is refused: nobody can be handed a session that
-- somebody else knows.
create function private.open_session(token_hash bytea, of_user uuid, sealed bytea, access_until timestamptz, device text) returns void
language sql volatile security definer set search_path = '' as $$
  insert into private.studio_sessions (token_hash, user_id, sealed, access_until, device, created_at, seen_at)
  values (token_hash, of_user, sealed, access_until, left(device, 200), private.clock(), private.clock())
$$;
grant execute on function private.open_session(bytea, uuid, bytea, timestamptz, text) to service_role;

-- What there is to know of a user at each request: who it is, what they may do, what they have.
create function private.standing(of_user uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'user_id', p.id, 'email', u.email, 'confirmed', u.email_confirmed_at is not null, 'name', p.display_name,
    'admin', exists (select from public.admins a where a.user_id = p.id),
    'plan', s.plan, 'plan_label', s.label, 'plan_status', s.status, 'plan_ends_at', s.ends_at,
    'pages_per_run_max', s.pages_per_run_max, 'operations', s.operations,
    'past_due', exists (select from public.subscriptions d where d.user_id = p.id and d.status in ('past_due', 'unpaid')),
    'balance_half', c.balance_half, 'owed_half', c.owed_half, 'frozen', c.frozen_reason,
    'deletion_at', p.deletion_at
  )
  from public.profiles p
  join auth.users u on u.id = p.id and u.deleted_at is null and (u.banned_until is null or u.banned_until < private.clock())
  join public.credit_accounts c on c.user_id = p.id
  left join lateral (
    select s.plan, l.label, s.status, s.ends_at, l.pages_per_run_max,
           (select jsonb_agg(o.operation order by o.operation) from public.plan_operations o where o.plan = s.plan) as operations
    from public.subscriptions s join public.plans l on l.code = s.plan
    where s.user_id = p.id and s.status in ('trialing', 'active') and (s.ends_at is null or s.ends_at > private.clock())
  ) as s on true
  where p.id = of_user
$$;
grant execute on function private.standing(uuid) to service_role;

-- Make the transaction the session's user's: claims for the policies, and `myjoe.person`, what is
-- known of them. For a session that is not there, or over, both are empty. It is one step of a
-- message that then sets the role (a function may not) and asks the page's question.
create function private.enter_session(hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
declare
  session private.studio_sessions;
  person jsonb;
begin
  select * into session from private.studio_sessions s
  where s.token_hash = hash and s.seen_at > private.clock() - private.session_idle_max()
    and s.created_at > private.clock() - private.session_age_max();
  if found then
    person := private.standing(session.user_id);
  end if;
  perform set_config('myjoe.person', coalesce(person::text, ''), true),
          set_config('request.jwt.claims', case when person is null then ''
                     else jsonb_build_object('sub', session.user_id, 'role', 'authenticated')::text end, true);
  -- Written once in a while, so that reading a page does not write a row.
  if person is not null and session.seen_at < private.clock() - interval '10 minutes' then
    update private.studio_sessions set seen_at = private.clock() where token_hash = hash;
  end if;
end $$;
grant execute on function private.enter_session(bytea) to service_role;

-- The tokens of a session, for a call to the identity service in its user's name. Where the access
-- token is about to run out, one caller at a time is told to refresh it ('mine'), for so many
-- seconds; the others come again. Null if there is no such session.
create function private.session_tokens(hash bytea, refresh_seconds double precision default 10) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  session private.studio_sessions;
  mine boolean;
begin
  select * into session from private.studio_sessions s where s.token_hash = hash for update;
  if not found then
    return null;
  end if;
  mine := session.access_until < private.clock() + interval '60 seconds'
          and (session.refreshing_until is null or session.refreshing_until < private.clock());
  if mine then
    update private.studio_sessions set refreshing_until = private.clock() + make_interval(secs => refresh_seconds) where token_hash = hash;
  end if;
  return jsonb_build_object('sealed', encode(session.sealed, 'base64'), 'mine', mine,
                            'stale', session.access_until < private.clock() + interval '60 seconds');
end $$;
grant execute on function private.session_tokens(bytea, double precision) to service_role;

-- Keep new tokens of a session.
create function private.renew_session(hash bytea, new_sealed bytea, new_access_until timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.studio_sessions set sealed = new_sealed, access_until = new_access_until, refreshing_until = null where token_hash = hash;
  return found;
end $$;
grant execute on function private.renew_session(bytea, bytea, timestamptz) to service_role;

-- End one session, or all of a user but perhaps one. Returns how many ended.
create function private.end_sessions(of_user uuid, only_hash bytea default null, but_hash bytea default null) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  ended integer;
begin
  delete from private.studio_sessions s
  where s.user_id = of_user and (only_hash is null or s.token_hash = only_hash) and (but_hash is null or s.token_hash <> but_hash);
  get diagnostics ended = row_count;
  -- Those that nobody will come back to.
  delete from private.studio_sessions s where s.seen_at < private.clock() - private.session_idle_max();
  return ended;
end $$;
grant execute on function private.end_sessions(uuid, bytea, bytea) to service_role;
