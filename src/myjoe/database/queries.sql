-- What is asked of any database of ours before work begins.

-- name: marked_environment
select private.environment()

-- name: mark_environment
select private.mark_environment(%(environment)s)
