-- The one clock. Leases, backoff, limits and prices ask it and nothing else, so no worker's clock matters; tests replace this function.
create function private.clock() returns timestamptz language sql stable set search_path = '' as
$$ select pg_catalog.now() $$;
