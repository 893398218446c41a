-- What a worker asks beside its jobs: the guard, and what `myjoe worker check` looks at.

-- name: guard_costs
-- Has the guard act on operations that have become too dear.
select operation, level, action from private.guard_costs()

-- name: tell_providers
-- Says which providers a worker has, or with null that it leaves; what was switched because of it.
select operation, action, reason from private.tell_providers(%(worker)s, %(providers)s)

-- name: server
select current_setting('server_version'), current_user

-- name: round_trip
select 1

-- name: applied_migrations
select version from supabase_migrations.schema_migrations

-- name: forbidden_functions
-- The service's functions that this login may not call; each by its id, as a wrong signature would
-- be an error of its own.
select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'private' and has_function_privilege('service_role', p.oid, 'execute')
  and not has_function_privilege(p.oid, 'execute') order by 1

-- name: pgmq_schema
select from pg_namespace where nspname = 'pgmq'

-- name: queue_depth
select state, jobs from private.queue_depth where state in ('waiting', 'in_progress', 'postponed')

-- name: finish_export
-- Keeps where a bound export lies; false if the job is somebody else's by now.
select private.finish_export(%(job)s, %(token)s, %(file)s, %(bytes)s)

-- name: note_binding
-- Says how many pages of an export are done.
select private.note_binding(%(job)s, %(token)s, %(done)s)

-- name: finish_binding
-- Keeps the files of a bound export and what a printer would say to them; false if the job is
-- somebody else's by now.
select private.finish_binding(%(job)s, %(token)s, %(files)s, %(told)s)

-- name: erasure_due
-- Whether the time of a deletion that a user asked for has come.
select coalesce(p.deletion_at <= private.clock(), false) from public.profiles p where p.id = %(user)s

-- name: files_of_user
-- All that lies in the storage for a user.
select * from private.files_of_user(%(user)s)

-- name: customer_of
-- A user's customer at Stripe; null if there is none.
select private.customer_of(%(user)s)

-- name: erase_user
-- Removes what a user wrote, and who they were; under the job's token alone.
select private.erase_user(%(user)s, %(job)s, %(token)s)

-- name: begin_pause
-- Somebody refuses: whether this is the beginning, and for how long they are left alone.
select began, seconds from private.begin_pause(%(what)s, %(kind)s, %(reason)s, %(after_seconds)s)

-- name: end_pause
-- They have answered well: for how long they had not.
select private.end_pause(%(what)s)

-- name: keep_draft
-- Keep a picture that was paid for, while the storage takes none.
select private.keep_draft(%(job)s, %(step)s, %(media_type)s, %(content)s)

-- name: kept_draft
-- A picture that was kept so.
select media_type, content from private.kept_draft(%(job)s, %(step)s)

-- name: drop_drafts
-- The page is done, or its pictures were refused.
select private.drop_drafts(%(job)s)
