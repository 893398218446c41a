-- Two thousand users with what they own, so that no share of a table is the whole of it. User 1234
-- has ten times as many books. Ids are the MD5 of what the thing is: 'user 7', 'run 7 2',
-- 'page 7 2 1'. In each second run a page waits, one is drawn, and one came to nothing.
set session_replication_role = replica;

create temporary table people as
select n, md5('user ' || n)::uuid as id, case n when 1234 then 20 else 2 end as runs, private.clock() - n * interval '1 hour' as at
from generate_series(1, 2000) as n;
create temporary table books as
select p.n, p.id as user_id, r, md5(format('run %s %s', p.n, r))::uuid as id,
       private.clock() - r * interval '2 days' - p.n * interval '1 second' as at
from people p cross join lateral generate_series(1, p.runs) as r;
create temporary table sheets as
select b.*, page, md5(format('page %s %s %s', b.n, b.r, page))::uuid as job_id,
       case when b.r <> 2 then 'completed' when page = 2 then 'pending' when page = 3 then 'in_progress' when page = 4 then 'failed'
            else 'completed' end as status
from books b cross join generate_series(1, 5) as page;

-- Those whose number ends on 500 or 000 are new here; those on 50 are leaving; 700 is frozen.
insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, created_at, updated_at)
select id, 'authenticated', 'authenticated', 'user' || n || '@example.com', 'x', at, at, at from people;
insert into public.profiles (id, created_at, deletion_requested_at, deletion_at)
select id, at, case when n % 100 = 50 then at end, case when n % 100 = 50 then private.clock() + interval '7 days' end from people;
insert into public.credit_accounts (user_id, balance_half, frozen_at, frozen_reason)
select id, 1000, case n when 700 then at end, case n when 700 then 'by hand' end from people;
insert into public.subscriptions (user_id, plan, status, stripe_customer_id, stripe_subscription_id, stripe_reading, stripe_status,
                                  started_at, created_at)
select id, 'max', 'active', 'cus_' || n, 'sub_' || n, 1, 'active', at, at from people where n % 500 <> 0;
insert into private.trials (user_id, address_hash, begun_at)
select id, private.address_hash('user' || n || '@example.com'), at - interval '30 days' from people where n % 500 <> 0;
insert into public.admins (user_id, appointed_by, reason) select id, 'tests', 'to look' from people where n = 1;
insert into public.admin_actions (actor, action, subject, reason, at) select 'tests', 'look', id::text, 'to look', at from people;

insert into auth.sessions (id, user_id, created_at)
select md5(format('session %s %s', n, s))::uuid, id, at from people cross join generate_series(1, 2) as s;
insert into auth.refresh_tokens (token, session_id, revoked, created_at, updated_at)
select format('token %s %s %s', n, s, t), md5(format('session %s %s', n, s))::uuid, t > 1, at, at
from people cross join generate_series(1, 2) as s cross join generate_series(1, 3) as t;
insert into auth.one_time_tokens (user_id, token_type, token_hash, created_at)
select id, 'magiclink', 'link ' || n, private.clock() from people;
insert into private.studio_sessions (token_hash, user_id, sealed, access_until, created_at, seen_at)
select sha256(convert_to(format('cookie %s %s', n, s), 'UTF8')), id, 'x', private.clock(), private.clock(), private.clock()
from people cross join generate_series(1, 2) as s;
insert into private.rates (bucket, window_start, taken) select 'crowd ' || n, private.clock() - n * interval '1 second', 1
from generate_series(1, 20000) as n;

insert into public.billing_customers (user_id, stripe_customer_id, created_at) select id, 'cus_' || n, at from people;
insert into public.checkouts (id, user_id, intent, lookup_key, status, stripe_session_id, url, created_at)
select md5('checkout ' || n)::uuid, id, 'intent-' || n, 'topup_50', 'open', 'cs_' || n, 'https://example.com', at from people;
insert into public.payments (payment_intent, user_id, source, cents, source_cents, granted_half, ledger_references, created_at)
select 'pi_' || n, id, 'in_' || n, 599, 599, 100, array['topup:in_' || n], at from people;
insert into public.clawbacks (id, kind, payment_intent, user_id, cents, status, in_force, due_half, stripe_reading, created_at)
select 're_' || n, 'refund', 'pi_' || n, id, 599, 'failed', false, 0, 1, at from people;
insert into public.stripe_events (id, type, created_at, payload, received_at, processed_at)
select 'evt_' || n, 'invoice.paid', private.clock(), '{}', private.clock() - n * interval '1 hour',
       case when n > 20 then private.clock() end
from generate_series(1, 5000) as n;
insert into public.credit_ledger (user_id, kind, amount_half, reference, created_at)
select id, 'grant', 100, format('grant:%s:%s', n, g), at + g * interval '1 minute' from people cross join generate_series(1, 10) as g;

insert into public.projects (id, user_id, name, created_at)
select md5(format('project %s %s', n, p))::uuid, id, 'Project ' || p, at from people cross join generate_series(1, 2) as p;
insert into public.drafts (id, user_id, project_id, key, request, state, planning_token, title, style, pages, revision, created_at)
select md5(format('draft %s %s', n, d))::uuid, id, md5(format('project %s 1', n))::uuid, format('draft-%s-%s', n, d),
       '{"operations": ["raster"], "pages": 1, "description": "cats"}', case d when 1 then 'planned' else 'planning' end, 1, 'Cats', 'bold',
       case d when 1 then '[{"title": "A cat", "prompt": "a cat"}]' else '[]' end::jsonb, 1, at
from people cross join generate_series(1, 2) as d;
insert into public.runs (id, user_id, project_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at, created_at)
select id, user_id, md5(format('project %s 1', n))::uuid, 'max', '{"title": "Cats", "book": {"paper": "a4"}}', 5, 10, 1, at, at from books;
insert into public.idempotency_keys (user_id, key, request_hash, answer, run_id) select user_id, id::text, '', '{}', id from books;
insert into public.redraws (user_id, run_id, key, page_count, answer, created_at)
select user_id, id, 'redraw-' || id, 1, '{}', at from books;

insert into public.jobs (id, user_id, run_id, type, payload, operations, status, credits_half, attempts, lease_token, scheduled_at,
                         locked_by, locked_at, lease_until, completed_at, created_at, updated_at)
select job_id, user_id, id, 'page', jsonb_build_object('page', page, 'title', 'A cat', 'prompt', 'a cat'), '{raster}', status, 2, 1, 1, at,
       case status when 'in_progress' then 'w1#1' end, case status when 'in_progress' then at end,
       case status when 'in_progress' then private.clock() + interval '5 minutes' end,
       case when status in ('completed', 'failed') then at end, at, at
from sheets;
insert into public.jobs (id, user_id, run_id, type, status, attempts, lease_token, scheduled_at, completed_at, created_at, updated_at)
select md5(format('bind %s %s', n, r))::uuid, user_id, id, 'bind', 'completed', 1, 1, at, at, at, at from books;
insert into public.jobs (user_id, type, payload, max_attempts, scheduled_at)
select id, 'erase', jsonb_build_object('user_id', id), 100, private.clock() + interval '7 days' from people where n % 100 = 50;
insert into public.exports (id, user_id, run_id, kind, content_hash, page_count, job_id, file, bytes, finished_at, created_at)
select md5(format('export %s %s', n, r))::uuid, user_id, id, 'zip', sha256(convert_to(id::text, 'UTF8')), 5,
       md5(format('bind %s %s', n, r))::uuid, 'a/b', 1, at, at
from books;
insert into public.generations (job_id, user_id, provider, model, width_px, height_px, dpi, bit_depth, files, created_at)
select job_id, user_id, 'openai', 'm', 100, 100, 300, 1, '{"png": "a/b"}', at + page * interval '1 second'
from sheets where status = 'completed';
insert into public.page_locks (run_id, page, user_id) select id, 1, user_id from books;
insert into public.dead_jobs (job_id, user_id, error_kind, attempts, died_at) select job_id, user_id, 'provider', 1, at from sheets
where status = 'failed';
insert into public.job_events (job_id, event, lease_token, attempt, at) select job_id, 'claimed', 1, 1, at from sheets;
insert into public.cost_events (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd, created_at)
select job_id, user_id, 'raster', 'raster', 'openai', 'm', job_id::text, 'measured', 1, at from sheets;
insert into private.intended_calls (key, job_id, operation, step, provider, model, cost_micro_usd)
select job_id::text, job_id, 'raster', 'raster', 'openai', 'm', 1 from sheets where status = 'in_progress';
insert into private.kept_drafts (job_id, step, media_type, content)
select job_id, 'raster', 'image/png', 'x' from sheets where status = 'in_progress';
insert into private.virtual_times (user_id, priority, again, virtual_time) select id, 100, false, n from people;
-- Some are yet to come, so that however long the tests take, somebody was told something lately.
insert into realtime.messages (topic, extension, payload, event, private, inserted_at)
select 'user:' || user_id, 'broadcast', '{}', 'jobs', true,
       now()::timestamp + interval '3 minutes' - row_number() over () * interval '1 second'
from sheets;

drop table people, books, sheets;
set session_replication_role = origin;
