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

-- ── billing ─────────────────────────────────────────────────────────────────────────────────────
-- name: prices
select coalesce(jsonb_agg(to_jsonb(p)), '[]') from public.prices p

-- name: begin_checkout
select private.begin_checkout(%(user)s, %(intent)s, %(lookup_key)s)

-- name: open_checkout
select private.open_checkout(%(checkout)s, %(session)s, %(url)s)

-- name: put_checkout
select private.put_checkout(%(checkout)s, %(session)s, %(status)s)

-- name: see_checkout
select private.see_checkout(%(user)s, %(session)s)

-- name: link_customer
select private.link_customer(%(user)s, %(customer)s)

-- name: customer_of
select private.customer_of(%(user)s)

-- name: user_of_customer
select private.user_of_customer(%(customer)s)

-- name: is_user
select private.is_user(%(user)s)

-- name: known_price
select private.known_price(%(price)s, %(lookup_key)s, %(cents)s, %(currency)s)

-- name: begin_stripe_reading
select private.begin_stripe_reading()

-- name: put_subscription
select private.put_subscription_v2(%(user)s, %(subscription)s, %(customer)s, %(plan)s, %(status)s, %(started)s, %(renews)s, %(cancels)s,
                                   %(reading)s)

-- name: end_unknown_subscription
select private.end_unknown_subscription(%(subscription)s)

-- name: subscriptions_at_stripe
select private.subscriptions_at_stripe(%(user)s)

-- name: book_payment
select private.book_payment(%(user)s, %(source)s, %(paid)s, %(bought)s)

-- name: is_payment
select private.is_payment(%(payment_intent)s)

-- name: put_clawback
select private.put_clawback(%(id)s, %(kind)s, %(payment_intent)s, %(cents)s, %(status)s, %(in_force)s, %(reading)s)

-- name: keep_stripe_event
select private.keep_stripe_event(%(id)s, %(type)s, %(api_version)s, %(created)s, %(payload)s)

-- name: finish_stripe_event
select private.finish_stripe_event(%(id)s, %(failure)s)::text

-- name: park_stripe_event
select private.park_stripe_event(%(id)s, %(why)s)::text

-- name: take_open_events
select private.take_open_events(%(at_most)s)
-- ── drafts, runs and what becomes of them ────────────────────────────────────────────────────────

-- name: begin_draft
select private.begin_draft(%(user)s, %(key)s, %(request)s, %(project)s)

-- name: plan_draft
select private.plan_draft(%(user)s, %(draft)s, %(seconds)s)

-- name: keep_planning
select private.keep_planning(%(draft)s, %(token)s, %(seconds)s)

-- name: finish_draft
select private.finish_draft(%(draft)s, %(token)s, %(plan)s)

-- name: fail_draft
select private.fail_draft(%(draft)s, %(token)s, %(sentence)s, %(for_good)s)

-- name: edit_draft
select private.edit_draft(%(user)s, %(draft)s, %(revision)s, %(title)s, %(style)s, %(pages)s)

-- name: quote_draft
select private.quote_draft(%(user)s, %(draft)s)

-- name: submit_draft
select private.submit_draft(%(user)s, %(draft)s, %(revision)s, %(agreed)s)

-- name: cancel_jobs
select jsonb_build_object('cancelled', c.cancelled, 'requested', c.requested) from private.cancel_jobs(%(user)s, %(run)s, %(job)s) c

-- name: lock_page
select private.lock_page(%(user)s, %(run)s, %(page)s, %(locked)s)

-- name: quote_redraw
select private.quote_redraw(%(user)s, %(run)s, array(select jsonb_array_elements_text(%(pages)s::jsonb)::integer))

-- name: redraw_pages
select private.redraw_pages(%(user)s, %(run)s, %(key)s, array(select jsonb_array_elements_text(%(pages)s::jsonb)::integer), %(agreed)s)

-- name: make_project
select private.make_project(%(user)s, %(name)s)

-- name: rename_project
select private.rename_project(%(user)s, %(project)s, %(name)s)

-- name: remove_project
select private.remove_project(%(user)s, %(project)s)

-- name: request_binding
select private.request_binding(%(user)s, %(run)s, %(kind)s, %(wanted)s)

-- name: mark_edited
select private.mark_edited(%(user)s, %(run)s, %(page)s, %(edited)s)

-- ── admin ───────────────────────────────────────────────────────────────────────────────────────

-- name: admin_look
select private.admin_look_v2(%(user)s, %(reason)s)

-- name: admin_credits
select private.admin_adjust_credits(%(user)s, %(half)s, %(reason)s, %(request)s)

-- name: admin_requeue
select private.admin_requeue(%(job)s, %(reason)s)

-- name: admin_switch
select private.admin_switch(%(operation)s, %(off)s, %(fallback)s, %(reason)s)

-- name: admin_forgive
select private.admin_forgive(%(user)s, %(reason)s)

-- name: admin_event
select private.admin_take_up_event(%(event)s, %(reason)s, %(close)s)

-- name: admin_learn_price
select private.admin_learn_price(%(price)s, %(lookup_key)s, %(half)s, %(reason)s)

-- name: admin_note_fetch
select private.admin_note_fetch(%(reason)s)

-- name: admin_unfreeze
select private.admin_unfreeze(%(user)s, %(reason)s)
-- Accounts

-- name: name_user
select private.name_user(%(user)s, %(called)s)

-- name: begin_trial
select private.begin_trial(%(user)s)

-- name: request_deletion
select private.request_deletion(%(user)s)

-- name: cancel_deletion
select private.cancel_deletion(%(user)s)

-- name: export_account
select private.export_account(%(user)s)
