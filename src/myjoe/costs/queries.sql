-- The price list and the book of costs.

-- name: spent
-- What a job has cost so far in micro-USD, all attempts.
select coalesce(sum(cost_micro_usd), 0)::bigint from public.cost_events where job_id = %(job)s

-- name: open_requests
-- Requests of earlier attempts at a job that were never answered.
select step, provider, model, request_id from private.open_requests(%(job)s)

-- name: settled
-- The last request of each step of a job that was answered and billed.
select distinct on (step) step, provider, model, provider_request_id from public.cost_events
where job_id = %(job)s and kind <> 'estimated' and not starts_with(provider_request_id, 'unknown:') order by step, id desc

-- name: record_costs
-- Writes costs; one that is there already is replaced or left, by its request's id.
select private.record_costs(%(costs)s)

-- name: intend_call
-- Notes a call that will be paid for, before it is made.
select private.intend_call(%(call)s)

-- name: unit_prices
-- The prices of today.
select provider, model, unit, unit_micro_usd from private.unit_prices()

-- name: routes
-- Who does each step of each operation at present.
select operation, step, provider, model, units from private.routes()
