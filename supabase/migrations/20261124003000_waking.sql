-- Who adds jobs wakes the workers, unless others are at it. Each NOTIFY takes a lock of the whole server from its commit's beginning to its
-- end, flush included: transactions that notify commit one after the other, and a crowd of them would wait for the disk once each. So at
-- most three do so at a time, and who comes fourth leaves it to them. That asks for no pause between notifications that would be right for
-- every disk: it was 5 ms, which a job that followed another had to wait (the p99 of a busy line: 8.5 ms, and 5.0 without), and on a slow
-- disk was too short. At 667 runs a second over 25 connections the p99 is 9.0, 12.6 and 17.4 ms with one, four and any number of them.
--
-- A worker that was woken looks once more after a moment: who left it to others may be in a little later than they.
create or replace function private.wake_workers() returns void language plpgsql volatile set search_path = '' as $$
begin
  for slot in 1 .. 3 loop
    -- The first number is ours, 'MYJO'. The lock goes with the transaction.
    if pg_catalog.pg_try_advisory_xact_lock(1297697359, slot) then
      perform pg_catalog.pg_notify('myjoe_jobs', '');
      return;
    end if;
  end loop;
end $$;
drop sequence private.line_notified;
