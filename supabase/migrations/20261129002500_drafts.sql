-- Drafts: a described book, from its description to its run. The brain plans it once: whoever may
-- is told by a lease, and what it planned is kept here, to be edited, priced and submitted.

create table public.drafts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  project_id uuid references public.projects (id) on delete set null,
  -- The form that described it: sent twice, it makes one draft.
  key text not null check (length(key) between 8 and 200),
  -- What was described: {"description", "pages", "audience", "paper", "style", "wishes",
  -- "operations"}.
  request jsonb not null,
  state text not null default 'planning' check (state in ('planning', 'planned', 'failed', 'refused', 'submitted')),
  -- Grows with each planning that begins; what an earlier one brings is not kept.
  planning_token bigint not null default 0,
  planning_until timestamptz,
  -- Why it could not be planned, for its user.
  failure text check (length(failure) <= 1000),
  title text not null default '' check (length(title) <= 200),
  style text not null default '' check (length(style) <= 1000),
  -- [{"title", "prompt"}, …]
  pages jsonb not null default '[]',
  -- Grows with each change, so that two browsers' changes do not mix.
  revision integer not null default 0,
  run_id uuid references public.runs (id) on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, key),
  check ((state = 'submitted') = (run_id is not null)),
  check (planning_until is null or state = 'planning')
);
alter table public.drafts enable row level security;
create index drafts_user on public.drafts (user_id, created_at desc);
create index drafts_project on public.drafts (project_id);
create index drafts_run on public.drafts (run_id);
grant select (id, user_id, project_id, request, state, planning_until, failure, title, style, pages, revision, run_id, created_at,
              updated_at) on public.drafts to authenticated;
grant select on public.drafts to service_role, myjoe_admin;
create policy "Drafts can be read by their owners" on public.drafts for select to authenticated using ((select auth.uid()) = user_id);
create policy "Drafts can be read by admins" on public.drafts for select to myjoe_admin using (true);

-- How many books a user may have planned in 24 hours: each costs us a cent, sold or not. More lets
-- a person try longer; fewer leaves less to who only plans.
create function private.drafts_per_day_max() returns integer language sql immutable set search_path = '' as $$ select 20 $$;

-- A user's project: the one that is named, if it is theirs, or else their first; made if they have
-- none.
create function private.project_for(of_user uuid, wanted uuid) returns uuid language plpgsql volatile set search_path = '' as $$
declare
  found_project uuid;
begin
  select p.id into found_project from public.projects p where p.user_id = of_user order by p.id = wanted desc, p.created_at, p.id limit 1;
  if found_project is null then
    insert into public.projects (user_id, name, created_at) values (of_user, 'My books', private.clock()) returning id into found_project;
  end if;
  return found_project;
end $$;

-- Begin a draft: {"accepted": true, "draft_id"}, the same one for the same key, or a refusal of
-- what no edit would make possible. Credits that are missing, or a day's limit, are no reason not
-- to plan.
create function private.begin_draft(of_user uuid, form_key text, wanted jsonb, in_project uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  draft uuid;
  answer jsonb;
  earlier integer;
  oldest timestamptz;
begin
  -- One draft of a user at a time, so that none is counted twice or not at all.
  perform from public.credit_accounts where user_id = of_user for update;
  select d.id into draft from public.drafts d where d.user_id = of_user and d.key = form_key;
  if found then
    return jsonb_build_object('accepted', true, 'draft_id', draft);
  end if;
  answer := private.decide_pages(of_user, jsonb_build_object('pages', (
    select jsonb_agg(jsonb_build_object('operations', wanted -> 'operations')) from generate_series(1, (wanted ->> 'pages')::integer)
  )), true);
  if not (answer ->> 'accepted')::boolean and answer ->> 'code' <> 'insufficient_credits' and not answer ? 'opens_at' then
    return answer;
  end if;
  select count(*), min(d.created_at) into earlier, oldest
  from public.drafts d where d.user_id = of_user and d.created_at > moment - interval '24 hours';
  if earlier >= private.drafts_per_day_max() then
    return private.refusal('limit_reached', format('You have had %s books planned in 24 hours, which is the most.', earlier), null,
                           oldest + interval '24 hours');
  end if;
  insert into public.drafts (user_id, project_id, key, request, created_at, updated_at)
  values (of_user, private.project_for(of_user, in_project), form_key, wanted, moment, moment) returning id into draft;
  return jsonb_build_object('accepted', true, 'draft_id', draft);
end $$;
grant execute on function private.begin_draft(uuid, text, jsonb, uuid) to service_role;

-- Take on the planning of a draft: {"token", "request"} for whoever may plan it now, and otherwise
-- {"state"} or, while somebody does, {"wait_seconds"}. Null where there is no such draft. A
-- planning that failed is taken on again.
create function private.plan_draft(of_user uuid, draft uuid, lease_seconds double precision) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  d public.drafts;
begin
  select * into d from public.drafts where id = draft and user_id = of_user for update;
  if not found then
    return null;
  end if;
  if d.state not in ('planning', 'failed') then
    return jsonb_build_object('state', d.state);
  end if;
  if d.planning_until > moment then
    return jsonb_build_object('wait_seconds', ceil(extract(epoch from d.planning_until - moment)));
  end if;
  update public.drafts set state = 'planning', failure = null, planning_token = planning_token + 1,
    planning_until = moment + make_interval(secs => lease_seconds), updated_at = moment
  where id = draft returning * into d;
  return jsonb_build_object('token', d.planning_token, 'request', d.request);
end $$;
grant execute on function private.plan_draft(uuid, uuid, double precision) to service_role;

-- Hold on to a planning. False if somebody else has taken it over.
create function private.keep_planning(draft uuid, token bigint, lease_seconds double precision) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.drafts set planning_until = private.clock() + make_interval(secs => lease_seconds)
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;
grant execute on function private.keep_planning(uuid, bigint, double precision) to service_role;

-- Keep what was planned: {"title", "style", "pages"}. False if somebody else had taken it over.
create function private.finish_draft(draft uuid, token bigint, plan jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.drafts set state = 'planned', planning_until = null, title = left(plan ->> 'title', 200),
    style = left(plan ->> 'style', 1000), pages = plan -> 'pages', revision = revision + 1, updated_at = private.clock()
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;
grant execute on function private.finish_draft(uuid, bigint, jsonb) to service_role;

-- A planning came to nothing. `for_good` is a description that cannot become a book.
create function private.fail_draft(draft uuid, token bigint, sentence text, for_good boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.drafts set state = case when for_good then 'refused' else 'failed' end, planning_until = null,
    failure = left(sentence, 1000), updated_at = private.clock()
  where id = draft and planning_token = token and state = 'planning';
  return found;
end $$;
grant execute on function private.fail_draft(uuid, bigint, text, boolean) to service_role;

-- A user's draft, locked.
create function private.lock_draft(of_user uuid, draft uuid) returns public.drafts language plpgsql volatile set search_path = '' as $$
declare
  d public.drafts;
begin
  select * into d from public.drafts where id = draft and user_id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('user %s has no draft %s', of_user, draft);
  end if;
  return d;
end $$;

-- Whether a draft may be edited, priced and submitted: null, or a refusal. That of a submitted one
-- has its "run_id".
create function private.refuse_draft(d public.drafts) returns jsonb language sql stable set search_path = '' as $$
  select case d.state
    when 'planned' then null
    when 'submitted' then private.refusal('submitted', 'This book has been ordered.', null) || jsonb_build_object('run_id', d.run_id)
    else private.refusal('not_planned', 'This book has not been planned yet.', null) end
$$;

-- Change a storyboard that is still at the revision that was edited: {"accepted": true,
-- "revision"}, or a refusal. The same change sent twice is one.
create function private.edit_draft(of_user uuid, draft uuid, at_revision integer, new_title text, new_style text, new_pages jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  d public.drafts := private.lock_draft(of_user, draft);
begin
  if d.state <> 'planned' then
    return private.refuse_draft(d);
  end if;
  if (d.title, d.style, d.pages) is distinct from (new_title, new_style, new_pages) then
    if d.revision <> at_revision then
      return private.refusal('stale', 'This storyboard was changed in another window meanwhile. Here it is as it is now.', null);
    end if;
    if jsonb_array_length(new_pages) not between 1 and 1000 then
      return private.refusal('no_pages', 'A book has one page at least.', null);
    end if;
    update public.drafts set title = new_title, style = new_style, pages = new_pages, revision = revision + 1, updated_at = private.clock()
    where id = draft returning revision into d.revision;
  end if;
  return jsonb_build_object('accepted', true, 'revision', d.revision);
end $$;
grant execute on function private.edit_draft(uuid, uuid, integer, text, text, jsonb) to service_role;

-- The manifest that a draft comes to.
create function private.draft_manifest(d public.drafts) returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object('title', d.title, 'book', d.request, 'pages', (
    select jsonb_agg(jsonb_build_object('operations', d.request -> 'operations', 'style', d.style, 'audience', d.request -> 'audience',
             'paper', d.request -> 'paper', 'title', page -> 'title', 'prompt', page -> 'prompt') order by number)
    from jsonb_array_elements(d.pages) with ordinality as planned (page, number)
  ))
$$;

-- What submit_draft would answer now. Nothing is written.
create function private.quote_draft(of_user uuid, draft uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(private.refuse_draft(d), private.decide_pages(of_user, private.draft_manifest(d), true)
                                           || jsonb_build_object('revision', d.revision))
  from public.drafts d where d.id = draft and d.user_id = of_user
$$;
grant execute on function private.quote_draft(uuid, uuid) to service_role;

-- Make the draft's run, once: at the revision that its user saw, for the credits that they agreed
-- to. Sent twice, it gives the same run.
create function private.submit_draft(of_user uuid, draft uuid, at_revision integer, agreed_half bigint default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  d public.drafts;
  answer jsonb;
  price bigint;
begin
  -- The account first, as the governor does.
  perform from public.credit_accounts where user_id = of_user for update;
  d := private.lock_draft(of_user, draft);
  if d.state <> 'planned' then
    return private.refuse_draft(d);
  end if;
  if d.revision <> at_revision then
    return private.refusal('stale', 'This storyboard was changed in another window meanwhile. Here it is as it is now.', null);
  end if;
  d.project_id := private.project_for(of_user, d.project_id);
  answer := private.decide_run(of_user, d.project_id, private.draft_manifest(d));
  price := (answer ->> 'credits_half')::bigint;
  if (answer ->> 'accepted')::boolean and price <> agreed_half then
    return private.refusal('price_changed', format('The price is %s credits now. Order again if that is fine.', private.credits(price)),
                           null);
  end if;
  answer := private.submit_run(of_user, d.project_id, format('draft:%s:%s', draft, at_revision), private.draft_manifest(d));
  if (answer ->> 'accepted')::boolean then
    update public.drafts set state = 'submitted', run_id = (answer ->> 'run_id')::uuid, project_id = d.project_id,
      updated_at = private.clock()
    where id = draft;
  end if;
  return answer;
end $$;
grant execute on function private.submit_draft(uuid, uuid, integer, bigint) to service_role;

-- Projects, for a user whose session the caller has checked.
create function private.make_project(of_user uuid, project_name text) returns jsonb
language sql volatile security definer set search_path = '' as $$
  insert into public.projects (user_id, name, created_at) values (of_user, project_name, private.clock())
  returning jsonb_build_object('project_id', id)
$$;
grant execute on function private.make_project(uuid, text) to service_role;

create function private.rename_project(of_user uuid, project uuid, project_name text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.projects set name = project_name where id = project and user_id = of_user;
  return found;
end $$;
grant execute on function private.rename_project(uuid, uuid, text) to service_role;

-- Remove a project. Its books stay.
create function private.remove_project(of_user uuid, project uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.projects where id = project and user_id = of_user;
  return found;
end $$;
grant execute on function private.remove_project(uuid, uuid) to service_role;
