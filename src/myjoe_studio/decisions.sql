-- What the Studio has the database decide. Each statement is one call of one function, which may be
-- made twice: it is keyed by what it does.

-- name: open_session
select private.open_session(%(hash)s, %(user)s, %(sealed)s, %(access_until)s, %(device)s)

-- name: session_tokens
select private.session_tokens(%(hash)s)

-- name: renew_session
select private.renew_session(%(hash)s, %(sealed)s, %(access_until)s)

-- name: end_session
select private.end_sessions(%(user)s, only_hash => %(hash)s)

-- name: end_sessions
select private.end_sessions(%(user)s, but_hash => %(but)s)

-- name: take_rate
select private.take_rate(%(bucket)s, %(at_most)s, %(seconds)s)

-- ── admin ───────────────────────────────────────────────────────────────────────────────────────

-- name: admin_look
select private.admin_look_v2(%(user)s, %(reason)s)

-- name: admin_credits
select private.admin_adjust_credits(%(user)s, %(half)s, %(reason)s, %(request)s)

-- name: admin_requeue
select private.admin_requeue(%(job)s, %(reason)s)

-- name: admin_switch
select private.admin_switch(%(operation)s, %(off)s, %(fallback)s, %(reason)s)

-- name: admin_unfreeze
select private.admin_unfreeze(%(user)s, %(reason)s)

-- ── accounts ────────────────────────────────────────────────────────────────────────────────────

-- name: name_user
select private.name_user(%(user)s, %(called)s)
