-- How often somebody may do something that costs us or tempts others: counted here, as the Studio
-- runs in many processes. Counts that a crash loses cost nothing, so the table is not logged.

create unlogged table private.rates (
  bucket text not null check (length(bucket) between 1 and 200),
  window_start timestamptz not null,
  taken integer not null,
  primary key (bucket, window_start)
);
alter table private.rates enable row level security;
create policy "Rates can be read by nobody" on private.rates for select to myjoe_admin using (false);
create index rates_start on private.rates (window_start);

-- Take one of so many in a window of so many seconds. Returns 0, or how many seconds to wait.
create function private.take_rate(of_bucket text, at_most integer, window_seconds integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := private.clock();
  opened timestamptz := to_timestamp(floor(extract(epoch from moment) / window_seconds) * window_seconds);
  now_taken integer;
begin
  insert into private.rates as r (bucket, window_start, taken) values (of_bucket, opened, 1)
  on conflict (bucket, window_start) do update set taken = r.taken + 1
  returning taken into now_taken;
  if now_taken = 1 then
    delete from private.rates where window_start < moment - interval '2 days';
  end if;
  if now_taken <= at_most then
    return 0;
  end if;
  return greatest(ceil(extract(epoch from opened + make_interval(secs => window_seconds) - moment))::integer, 1);
end $$;
grant execute on function private.take_rate(text, integer, integer) to service_role;
