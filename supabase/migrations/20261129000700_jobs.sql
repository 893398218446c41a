-- Jobs: each is one page of a run. The states are drawn in docs/discussion/job-lifecycle.md; the
-- checks here hold them.

create table public.jobs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete restrict,
  run_id uuid references public.runs (id) on delete restrict,
  type text not null,
  payload jsonb not null default '{}',
  operations text[] not null default '{}',
  status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  priority integer not null default 100 check (priority between 0 and 9999),
  scheduled_at timestamptz not null default now(),
  locked_by text,
  -- When the lease was taken or last renewed, and when it runs out.
  locked_at timestamptz,
  lease_until timestamptz,
  -- Grows with each claim and never shrinks. Every later write of the worker carries it. `attempts`
  -- may shrink, since a job that was handed back has not been tried.
  lease_token bigint not null default 0,
  attempts integer not null default 0,
  max_attempts integer not null default 3 check (max_attempts > 0),
  last_error text,
  error_kind text,
  cancel_requested_at timestamptz,
  -- Where the job stands in the queue: priority × 2^48 + virtual time. Null if its time has not
  -- come.
  position bigint,
  -- The pgmq message that was last sent for the waiting job and not read yet.
  message_id bigint,
  -- What was burned for the job, and is refunded if it does not complete.
  credits_half integer not null default 0 check (credits_half >= 0),
  -- The most that it may cost us.
  cogs_max_micro_usd bigint,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status = 'in_progress') = (locked_by is not null)),
  check ((locked_by is null) = (locked_at is null) and (locked_by is null) = (lease_until is null)),
  check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  check (attempts between 0 and max_attempts and attempts <= lease_token)
) with (
  -- A busy queue rewrites each row three or four times. So vacuum goes by a count of rows, not by a
  -- share of a table that keeps growing.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 5000
);
alter table public.jobs enable row level security;
create index jobs_status on public.jobs (status, scheduled_at, priority);
create index jobs_locked_by on public.jobs (locked_by);
create index jobs_user on public.jobs (user_id, created_at desc);
create index jobs_run on public.jobs (run_id);
-- Three small indexes, one for each question of a claim. Finished jobs are in none of them, and
-- postponed jobs are not in the first. So claims stay as fast with a million finished and a hundred
-- thousand postponed jobs.
create index jobs_position on public.jobs (position) where status = 'pending' and position is not null;
create index jobs_due on public.jobs (scheduled_at) where status = 'pending' and position is null;
create index jobs_leases on public.jobs (lease_until) where status = 'in_progress';
-- Where each user's next job is, for claims with a cap.
create index jobs_position_of_user on public.jobs (user_id, position) where status = 'pending' and position is not null;
-- Which waiting jobs have a pgmq message.
create index jobs_sent on public.jobs (message_id) where status = 'pending' and message_id is not null;
-- Which jobs ended lately, for the dashboard.
create index jobs_ended on public.jobs (completed_at) where completed_at is not null;
grant select (id, user_id, run_id, type, payload, operations, status, priority, scheduled_at, attempts, max_attempts, error_kind,
              cancel_requested_at, credits_half, started_at, completed_at, created_at, updated_at) on public.jobs to authenticated;
grant select on public.jobs to service_role, myjoe_admin;
create policy "Jobs can be read by their owners" on public.jobs for select to authenticated using ((select auth.uid()) = user_id);
create policy "Jobs can be read by admins" on public.jobs for select to myjoe_admin using (true);

-- What a completed job has made. Its costs are in cost_events, which no user can read.
create table public.generations (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null unique references public.jobs (id) on delete restrict,
  user_id uuid not null references public.profiles (id) on delete restrict,
  provider text not null,
  model text not null,
  width_px integer not null check (width_px > 0),
  height_px integer not null check (height_px > 0),
  dpi integer not null check (dpi > 0),
  bit_depth integer not null check (bit_depth in (1, 8, 24)),
  -- Storage keys by kind of file: {"png": "<user>/<job>/page.png", …}.
  files jsonb not null default '{}',
  qc jsonb not null default '{}',
  created_at timestamptz not null default now()
);
alter table public.generations enable row level security;
create index generations_user on public.generations (user_id, created_at desc);
grant select on public.generations to authenticated, service_role, myjoe_admin;
create policy "Generations can be read by their owners" on public.generations for select to authenticated
  using ((select auth.uid()) = user_id);
create policy "Generations can be read by admins" on public.generations for select to myjoe_admin using (true);

-- Every transition of every job, written by the statement that makes it. There is no foreign key:
-- checking one would cost each claim a lookup and a row lock per job, and jobs are never deleted.
create table public.job_events (
  id bigint generated always as identity primary key,
  job_id uuid not null,
  event text not null check (event in ('enqueued', 'claimed', 'renewed', 'completed', 'retried', 'released', 'snoozed', 'reclaimed',
                                       'failed', 'cancel_requested', 'cancelled')),
  lease_token bigint not null,
  attempt integer not null,
  worker text,
  detail text,
  at timestamptz not null
);
alter table public.job_events enable row level security;
create index job_events_job on public.job_events (job_id);
grant select on public.job_events to service_role, myjoe_admin;
create policy "Events can be read by admins" on public.job_events for select to myjoe_admin using (true);
create trigger only_grows before update or delete or truncate on public.job_events
  for each statement execute function private.refuse_change();

-- Jobs that failed for good, for a person to look at. A requeue is a new job that is paid anew,
-- since the old one was refunded.
create table public.dead_jobs (
  job_id uuid primary key references public.jobs (id) on delete restrict,
  user_id uuid not null references public.profiles (id) on delete restrict,
  error_kind text,
  last_error text,
  attempts integer not null,
  died_at timestamptz not null,
  requeued_as uuid unique references public.jobs (id) on delete restrict
);
alter table public.dead_jobs enable row level security;
create index dead_jobs_user on public.dead_jobs (user_id);
grant select on public.dead_jobs to service_role, myjoe_admin;
create policy "Dead jobs can be read by admins" on public.dead_jobs for select to myjoe_admin using (true);
