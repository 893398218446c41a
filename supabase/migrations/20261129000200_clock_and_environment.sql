-- The two clocks, and which environment this database belongs to.

-- The clock of every decision: leases, backoff, limits and prices. The clocks of the workers'
-- machines decide nothing. Tests replace this function.
create function private.clock() returns timestamptz language sql stable set search_path = '' as
$$ select pg_catalog.now() $$;
grant execute on function private.clock() to service_role, myjoe_admin;

-- The server machine's clock, in µs since 1970. It measures pauses between two scans of the queue
-- and numbers server epochs. It decides nothing about a job.
create function private.machine_us() returns bigint language sql volatile set search_path = '' as
$$ select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint $$;

-- The environment is written once, and a worker of another environment refuses the database.
create table private.environment (
  -- One row.
  only_one boolean primary key default true check (only_one),
  name text not null check (name in ('development', 'staging', 'production')),
  marked_at timestamptz not null
);
alter table private.environment enable row level security;
grant select on private.environment to service_role, myjoe_admin;
create policy "The environment can be read by admins" on private.environment for select to myjoe_admin using (true);

-- The environment's name; null as long as nobody has marked the database.
create function private.environment() returns text language sql stable security definer set search_path = '' as
$$ select e.name from private.environment e $$;
grant execute on function private.environment() to service_role;

-- Mark this database for good. The same name again changes nothing; another name is an error. Only
-- the table's owner can remove the mark, as when production's backup is restored in staging.
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
grant execute on function private.mark_environment(text) to service_role;
