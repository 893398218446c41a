-- What the admin pages of the Studio ask beyond the views: a user found by address, all about one
-- user in one look, and the end of a freeze. Each act is on record.

grant execute on function private.standing(uuid) to myjoe_admin;

-- Users whose address holds this text, the latest first.
create function private.admin_find_users(part text, count_max integer default 20)
returns table (user_id uuid, email text, created_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email::text, u.created_at from auth.users u
  where length(part) >= 3 and position(lower(part) in lower(u.email)) > 0
  order by u.created_at desc, u.id limit least(count_max, 100)
$$;
grant execute on function private.admin_find_users(text, integer) to myjoe_admin;

-- As admin_look, and what the pages show beside it: standing, the last rows of the ledger, the last
-- runs, and what their pages came to.
create function private.admin_look_v2(at_user uuid, reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.admin_look(at_user, reason) || jsonb_build_object(
    'standing', private.standing(at_user),
    'ledger', (select coalesce(jsonb_agg(to_jsonb(l)), '[]') from (
                 select c.kind, c.amount_half, c.reference, c.reason, c.run_id, c.created_at from public.credit_ledger c
                 where c.user_id = at_user order by c.id desc limit 50) as l),
    'runs', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from (
               select r.id, coalesce(r.manifest ->> 'title', '') as title, r.page_count, r.credits_half, r.created_at,
                      (select jsonb_object_agg(s.status, s.jobs) from (
                         select j.status, count(*) as jobs from public.jobs j where j.run_id = r.id and j.type = 'page' group by 1) as s)
                        as pages
               from public.runs r where r.user_id = at_user order by r.created_at desc limit 20) as r),
    'dead_jobs', (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from (
                    select d.job_id, d.error_kind, d.last_error, d.died_at, j.payload ->> 'title' as title
                    from public.dead_jobs d join public.jobs j on j.id = d.job_id
                    where d.user_id = at_user and d.requeued_as is null order by d.died_at desc limit 20) as d)
  );
end $$;
grant execute on function private.admin_look_v2(uuid, text) to myjoe_admin;

-- Let a frozen user order again. What they owe stays owed.
create function private.admin_unfreeze(of_user uuid, reason text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  was text;
begin
  select frozen_reason into was from public.credit_accounts where user_id = of_user and frozen_at is not null for update;
  if not found then
    return false;
  end if;
  update public.credit_accounts set frozen_at = null, frozen_reason = null, updated_at = private.clock() where user_id = of_user;
  perform private.note_action('unfreeze', of_user::text, reason, jsonb_build_object('was', was));
  return true;
end $$;
grant execute on function private.admin_unfreeze(uuid, text) to myjoe_admin;
