-- What admins do by hand. Each act needs a reason and leaves a row, in the act's own transaction.
-- Their role may read, and call these functions; it can change nothing in any other way.

create table public.admin_actions (
  id bigint generated always as identity primary key,
  -- The signed-in user, or the database login if there is none. Never an argument.
  actor text not null,
  action text not null,
  subject text not null,
  reason text not null check (length(trim(reason)) >= 3),
  detail jsonb not null default '{}',
  at timestamptz not null
);
alter table public.admin_actions enable row level security;
grant select on public.admin_actions to service_role, myjoe_admin;
create policy "Admin actions can be read by admins" on public.admin_actions for select to myjoe_admin using (true);
create trigger only_grows before update or delete or truncate on public.admin_actions
  for each statement execute function private.refuse_change();

-- Record an act. The other functions of this file call it.
create function private.note_action(action text, subject text, reason text, detail jsonb) returns void
language sql volatile set search_path = '' as $$
  insert into public.admin_actions (actor, action, subject, reason, detail, at)
  values (coalesce(auth.uid()::text, session_user::text), action, subject, coalesce(reason, ''), detail, private.clock())
$$;

-- Give or take credits. The same request again changes nothing and returns false.
create function private.admin_adjust_credits(of_user uuid, half_credits bigint, reason text, request text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  earlier public.credit_ledger;
begin
  insert into public.credit_ledger (user_id, kind, amount_half, reference, reason, created_at)
  values (of_user, 'adjustment', half_credits, 'adjustment:' || request, reason, private.clock()) on conflict (reference) do nothing;
  if not found then
    select * into earlier from public.credit_ledger where reference = 'adjustment:' || request;
    if (earlier.user_id, earlier.amount_half) is distinct from (of_user, half_credits) then
      raise unique_violation using message = format('request %s was booked before, for another user or amount', request);
    end if;
    return false;
  end if;
  perform private.note_action('adjust_credits', of_user::text, reason, jsonb_build_object('amount_half', half_credits, 'request', request));
  return true;
end $$;
grant execute on function private.admin_adjust_credits(uuid, bigint, text, text) to myjoe_admin;

-- Try a dead job once more, as a new job that is paid anew, since the dead one was refunded.
-- Returns the new job's id.
create function private.admin_requeue(dead_job uuid, reason text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  dead public.dead_jobs;
  old public.jobs;
  new_id uuid;
begin
  select * into dead from public.dead_jobs where job_id = dead_job for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no dead job %s', dead_job);
  end if;
  if dead.requeued_as is not null then
    raise invalid_parameter_value using message = format('job %s was requeued before, as %s', dead_job, dead.requeued_as);
  end if;
  select * into old from public.jobs where id = dead_job;
  -- The account is locked first, as the governor does.
  perform from public.credit_accounts where user_id = old.user_id for update;
  new_id := (private.enqueue_jobs(old.user_id, old.run_id, old.type, jsonb_build_array(jsonb_build_object(
    'payload', old.payload, 'operations', old.operations, 'credits_half', old.credits_half,
    'cogs_max_micro_usd', old.cogs_max_micro_usd, 'max_attempts', old.max_attempts)), old.priority))[1];
  if old.credits_half > 0 then
    insert into public.credit_ledger (user_id, kind, amount_half, reference, run_id, job_id, reason, created_at)
    values (old.user_id, 'burn', -old.credits_half, 'burn:' || new_id, old.run_id, new_id, reason, private.clock());
  end if;
  update public.dead_jobs set requeued_as = new_id where job_id = dead_job;
  perform private.note_action('requeue', dead_job::text, reason, jsonb_build_object('requeued_as', new_id));
  return new_id;
end $$;
grant execute on function private.admin_requeue(uuid, text) to myjoe_admin;

-- Switch an operation on or off, on its first provider or its fallback.
create function private.admin_switch(of_operation text, off boolean, fallback boolean, reason text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.operations set switched_off = off, uses_fallback = fallback, switch_reason = reason, switched_at = private.clock()
  where code = of_operation;
  if not found then
    raise invalid_parameter_value using message = format('there is no operation %s', of_operation);
  end if;
  perform private.note_action('switch', of_operation, reason, jsonb_build_object('off', off, 'fallback', fallback));
end $$;
grant execute on function private.admin_switch(text, boolean, boolean, text) to myjoe_admin;

-- What there is to know about a user, in one look. Looking is recorded, too.
create function private.admin_look(at_user uuid, reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.profiles where id = at_user) then
    raise invalid_parameter_value using message = format('there is no user %s', at_user);
  end if;
  perform private.note_action('look', at_user::text, reason, '{}');
  return jsonb_build_object(
    'user_id', at_user,
    'email', (select email from auth.users where id = at_user),
    'balance_half', (select balance_half from public.credit_accounts where user_id = at_user),
    'subscriptions', (select coalesce(jsonb_agg(jsonb_build_object('plan', plan, 'status', status) order by created_at), '[]')
                      from public.subscriptions where user_id = at_user),
    'jobs', (select coalesce(jsonb_object_agg(status, n), '{}')
             from (select status, count(*) as n from public.jobs where user_id = at_user group by status) as by_status),
    'dead', (select coalesce(jsonb_agg(job_id order by died_at desc), '[]')
             from public.dead_jobs where user_id = at_user and requeued_as is null),
    'cost_micro_usd', (select coalesce(sum(cost_micro_usd), 0) from public.cost_events where user_id = at_user)
  );
end $$;
grant execute on function private.admin_look(uuid, text) to myjoe_admin;
