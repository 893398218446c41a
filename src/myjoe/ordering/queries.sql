-- What the governor is asked.

-- name: quote_run
-- What it would say to a run of these pages now.
select private.quote_run(%(user)s, %(project)s, %(manifest)s)

-- name: replay_run
-- The answer to a key that was used before; null where it is new.
select private.replay_run(%(user)s, %(key)s, %(book)s)

-- name: submit_run
-- Decides on a run and makes its jobs. The commit does not wait for the disk: `confirm_run` does,
-- and has to be asked before anybody is told.
select private.submit_run(%(user)s, %(project)s, %(key)s, %(manifest)s), set_config('synchronous_commit', 'off', true)

-- name: confirm_run
-- Whether the run is there, once it is on the disk.
select private.confirm_run(%(run)s)
