-- What a user does with their account: give it a name, take their data along, and close it.
--
-- Closing takes seven days, in which it can be undone. Then a worker removes the files and what the
-- user wrote, and who they were. The ledger stays, as it is the product's books: under an id that
-- leads to nobody.

-- How long an account that its user closed can be kept after all.
create function private.deletion_grace() returns interval language sql immutable set search_path = '' as $$ select interval '7 days' $$;

-- What a user is called; an empty name is none.
create function private.name_user(of_user uuid, name text) returns void
language sql volatile security definer set search_path = '' as $$
  update public.profiles set display_name = nullif(trim(name), '') where id = of_user
$$;
grant execute on function private.name_user(uuid, text) to service_role;

-- Close a user's account: {"deletion_at"}. Waiting jobs are cancelled and refunded, running ones
-- are asked to stop, all sessions end, and a job that erases what is left is postponed to the end
-- of the grace. Asked again, it is the same deletion.
create function private.request_deletion(of_user uuid) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  at_moment timestamptz;
  run uuid;
begin
  -- The account first, as everywhere: no order slips in between.
  perform from public.credit_accounts where user_id = of_user for update;
  select deletion_at into at_moment from public.profiles where id = of_user for update;
  if not found then
    raise invalid_parameter_value using message = format('there is no user %s', of_user);
  end if;
  if at_moment is null then
    if exists (select from public.admins a where a.user_id = of_user) then
      raise invalid_parameter_value using message = 'an admin is dismissed before their account is closed';
    end if;
    at_moment := moment + private.deletion_grace();
    update public.profiles set deletion_requested_at = moment, deletion_at = at_moment where id = of_user;
    for run in select distinct j.run_id from public.jobs j
               where j.user_id = of_user and j.status in ('pending', 'in_progress') and j.run_id is not null loop
      perform private.cancel_jobs(of_user, run);
    end loop;
    -- It is tried for days, as it ends nothing that could be done without.
    perform private.enqueue_jobs(of_user, null, 'erase', jsonb_build_array(jsonb_build_object(
      'payload', jsonb_build_object('user_id', of_user), 'max_attempts', 100)), 100, at_moment);
  end if;
  perform private.end_sessions(of_user);
  return jsonb_build_object('deletion_at', at_moment);
end $$;
grant execute on function private.request_deletion(uuid) to service_role;

-- Keep an account that was to be deleted. False if there is nothing to undo, or it is too late: its
-- files are being removed.
create function private.cancel_deletion(of_user uuid) returns boolean language plpgsql security definer set search_path = '' as $$
declare
  waiting uuid[];
begin
  perform from public.credit_accounts where user_id = of_user for update;
  select array_agg(j.id) into waiting
  from (select id from public.jobs where user_id = of_user and type = 'erase' and status = 'pending' and attempts = 0
        order by id for update) as j;
  if waiting is null then
    return false;
  end if;
  perform private.end_jobs(waiting, 'cancelled', null, 'cancelled');
  update public.profiles set deletion_requested_at = null, deletion_at = null where id = of_user;
  return true;
end $$;
grant execute on function private.cancel_deletion(uuid) to service_role;

-- All that lies in the storage for a user, by its keys: what pages and books are known by, drafts
-- that a worker keeps until a page is done, and whatever else lies in the user's folder.
create function private.files_of_user(of_user uuid) returns setof text language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select f.value from public.generations g, jsonb_each_text(g.files) as f where g.user_id = of_user
    union select e.file from public.exports e where e.user_id = of_user and e.file is not null
    union select format('%s/%s/drafts/%s.%s', of_user, j.id, s.step, suffix)
          from public.jobs j, (select distinct o.step from public.operation_steps o) as s, unnest(array['png', 'svg']) as suffix
          where j.user_id = of_user and j.type = 'page' and j.status <> 'completed' and j.attempts > 0
    union select o.name from storage.objects o where o.bucket_id = 'pages' and (storage.foldername(o.name))[1] = of_user::text;
end $$;
grant execute on function private.files_of_user(uuid) to service_role;

-- Remove what a user wrote, and who they were: {"erased": true}, as often as it is asked under the
-- job's token. Only the job of a deletion whose time has come may do it; {"erased": false} tells
-- that it may not.
create function private.erase_user(of_user uuid, job_id uuid, token bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  customer text;
  kept text;
begin
  perform from public.credit_accounts where user_id = of_user for update;
  perform from public.jobs j
  where j.id = job_id and j.lease_token = token and j.lease_until is not null and j.type = 'erase' and j.user_id = of_user
    and exists (select from public.profiles p where p.id = of_user and p.deletion_at <= private.clock()) for update;
  if not found then
    return jsonb_build_object('erased', false);
  end if;
  -- What they wrote, and what was drawn of it.
  update public.jobs j set payload = jsonb_strip_nulls(jsonb_build_object('page', j.payload -> 'page')), last_error = null
  where j.user_id = of_user and j.type <> 'erase';
  update public.dead_jobs d set last_error = null where d.user_id = of_user;
  update public.runs r set manifest = '{"erased": true}' where r.user_id = of_user;
  update public.generations g set files = '{}', qc = '{}' where g.user_id = of_user;
  delete from public.drafts d where d.user_id = of_user;
  delete from public.exports e where e.user_id = of_user;
  delete from public.projects p where p.user_id = of_user;
  -- What Stripe told us of them: that it happened stays, and who it was goes.
  select c.stripe_customer_id into customer from public.billing_customers c where c.user_id = of_user;
  update public.stripe_events e set payload = jsonb_build_object('id', e.id, 'erased', true)
  where e.payload #>> '{data,object,customer}' = customer or e.payload #>> '{data,object,id}' = customer;
  update public.checkouts c set url = null where c.user_id = of_user;
  delete from public.billing_customers c where c.user_id = of_user;
  -- Who they were. The row stays, as the ledger leads to it; it signs nobody in.
  perform private.end_sessions(of_user);
  foreach kept in array array['auth.one_time_tokens', 'auth.identities', 'auth.sessions'] loop
    if to_regclass(kept) is not null then
      execute format('delete from %s where user_id = $1', kept) using of_user;
    end if;
  end loop;
  update public.profiles set display_name = null where id = of_user;
  update auth.users set email = null, phone = null, encrypted_password = null, raw_user_meta_data = '{}', raw_app_meta_data = '{}',
    deleted_at = coalesce(deleted_at, private.clock()), updated_at = private.clock()
  where id = of_user;
  return jsonb_build_object('erased', true);
end $$;
grant execute on function private.erase_user(uuid, uuid, bigint) to service_role;

-- All that is a user's, as they may take it along. Files are told by their keys; a book's ZIP has
-- them.
create function private.export_account(of_user uuid) returns jsonb language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'made_at', private.clock(),
      'account', jsonb_build_object('user_id', p.id, 'email', u.email, 'name', p.display_name, 'since', p.created_at,
                                    'deletion_at', p.deletion_at),
      'credits', jsonb_build_object('balance', c.balance_half / 2.0, 'owed', c.owed_half / 2.0),
      'trial_begun_at', (select t.begun_at from private.trials t where t.user_id = of_user),
      'plans', (
        select coalesce(jsonb_agg(jsonb_build_object('plan', s.plan, 'status', s.status, 'since', s.created_at, 'ends_at', s.ends_at)
                                  order by s.created_at), '[]')
        from public.subscriptions s where s.user_id = of_user),
      'payments', (
        select coalesce(jsonb_agg(jsonb_build_object('cents', m.cents, 'at', m.created_at, 'stripe', m.payment_intent)
                                  order by m.created_at), '[]')
        from public.payments m where m.user_id = of_user),
      'ledger', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'credits', l.amount_half / 2.0, 'reference', l.reference,
                                                     'reason', l.reason, 'at', l.created_at) order by l.id), '[]')
        from public.credit_ledger l where l.user_id = of_user),
      'projects', (
        select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'name', j.name, 'since', j.created_at) order by j.created_at), '[]')
        from public.projects j where j.user_id = of_user),
      'drafts', (
        select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'state', d.state, 'title', d.title, 'style', d.style,
                                                     'request', d.request, 'pages', d.pages, 'since', d.created_at)
                                  order by d.created_at), '[]')
        from public.drafts d where d.user_id = of_user),
      'books', (
        select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'project_id', r.project_id, 'manifest', r.manifest,
                                                     'credits', r.credits_half / 2.0, 'at', r.created_at) order by r.created_at), '[]')
        from public.runs r where r.user_id = of_user),
      'pages', (
        select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'book', j.run_id, 'page', j.payload -> 'page', 'status', j.status,
                                                     'credits', j.credits_half / 2.0, 'files', g.files, 'model', g.model,
                                                     'at', j.created_at) order by j.created_at, j.id), '[]')
        from public.jobs j left join public.generations g on g.job_id = j.id where j.user_id = of_user and j.type = 'page'),
      'exports', (
        select coalesce(jsonb_agg(jsonb_build_object('book', e.run_id, 'kind', e.kind, 'file', e.file, 'at', e.created_at)
                                  order by e.created_at), '[]')
        from public.exports e where e.user_id = of_user)
    )
    from public.profiles p join auth.users u on u.id = p.id join public.credit_accounts c on c.user_id = p.id where p.id = of_user
  );
end $$;
grant execute on function private.export_account(uuid) to service_role;
