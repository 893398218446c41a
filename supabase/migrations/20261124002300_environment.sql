-- Which environment this database belongs to, written down once, so that a worker of another one refuses it.

create table private.environment (
  -- One row.
  only_one boolean primary key default true check (only_one),
  name text not null check (name in ('development', 'staging', 'production')),
  marked_at timestamptz not null
);
alter table private.environment enable row level security;
grant select on private.environment to service_role, myjoe_admin;
create policy "The environment can be read by admins" on private.environment for select to myjoe_admin using (true);

-- Null as long as nobody has marked it.
create function private.environment() returns text language sql stable security definer set search_path = '' as
$$ select e.name from private.environment e $$;

-- Mark this database for good: the same again changes nothing, another name is an error. Only the table's owner can take it back, which is
-- what somebody has to do who restores production's backup in staging.
create function private.mark_environment(environment_name text) returns void language plpgsql security definer set search_path = '' as $$
declare
  marked text;
begin
  insert into private.environment (name, marked_at) values (environment_name, private.clock()) on conflict do nothing;
  select e.name into marked from private.environment e;
  if marked <> environment_name then
    raise invalid_parameter_value using message = format('this database is marked as %s', marked);
  end if;
end $$;
grant execute on function private.environment(), private.mark_environment(text) to service_role;
