"""What a worker logs, beside what every process does."""
from __future__ import annotations

from myjoe.telemetry.events import DEBUG, ERROR, INFO, WARNING, Event, declare

OWN = declare({
    # ── the worker ────────────────────────────────────────────────────────────────────────────────
    "worker.started": Event(INFO, "The worker is ready to claim jobs.", ("worker", "env", "queue", "concurrency", "version")),
    "worker.stopping": Event(INFO, "It was asked to stop: no more claims.", ("signal", "held", "grace_seconds")),
    "worker.stopped": Event(INFO, "It leaves; what it still held was handed back."),
    "loop.turned": Event(DEBUG, "The loop has come round: claimed, or looked and found nothing.", ("held",)),
    "loop.failed": Event(ERROR, "A round of the loop failed, and the loop goes on.", ("error",)),
    "queue.claimed": Event(INFO, "Jobs were leased.", ("jobs", "seconds")),
    "queue.reclaimed": Event(
        WARNING, "Leases of a worker that fell silent ran out; its jobs were taken back.",
        ("worker", "jobs", "silent_seconds", "reason"),
    ),
    "listen.works": Event(INFO, "Notifications arrive: new jobs are seen at once."),
    "listen.lost": Event(WARNING, "Notifications do not arrive (a transaction pooler, a lost connection): polling serves.", ("error",)),
    "trouble.began": Event(ERROR, "Pages wait for an operator: a key, an account, a storage or a setting.", ("provider", "kind", "error")),
    "trouble.ended": Event(INFO, "What pages waited for an operator for is mended, or none waits for it.", ("provider", "kind", "seconds")),
    "pause.began": Event(
        WARNING, "Somebody refuses, and is left alone by all workers for a while.", ("provider", "kind", "error", "after_seconds")
    ),
    "pause.ended": Event(INFO, "Who had refused answers again.", ("provider", "seconds")),
    # ── leases ────────────────────────────────────────────────────────────────────────────────────
    "lease.renewed": Event(DEBUG, "All leases were renewed.", ("jobs",)),
    "lease.not_renewed": Event(WARNING, "Leases could not be renewed this time.", ("jobs", "seconds_left", "error")),
    "lease.lost": Event(WARNING, "The job is another worker's, or may soon be: it is stopped.", ("reason",)),
    "lease.hook_failed": Event(ERROR, "Something that was to be ended with a job could not be ended.", ("error",)),
    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────
    "job.started": Event(INFO, "An attempt begins.", ("type", "operations")),
    "job.completed": Event(INFO, "The result was accepted and paid.", ("seconds",)),
    "job.retried": Event(WARNING, "The attempt failed; another follows.", ("seconds", "kind", "error", "retry_after_seconds")),
    "job.snoozed": Event(
        INFO, "Nothing was tried; the attempt does not count.", ("seconds", "kind", "error", "provider", "after_seconds")
    ),
    "job.failed": Event(ERROR, "The job is dead, and its credits went back.", ("seconds", "kind", "error")),
    "job.cancelled": Event(INFO, "The job was stopped, as its user asked, and its credits went back.", ("seconds",)),
    "job.released": Event(INFO, "The job was handed back untried.", ("seconds", "reason")),
    "job.lost": Event(WARNING, "The attempt's end was not accepted: the job was another worker's.", ("seconds", "outcome")),
    "job.crashed": Event(ERROR, "The attempt ended in an error that nobody foresaw.", ("error",)),
    # ── what a page passes through ────────────────────────────────────────────────────────────────
    "page.judged": Event(INFO, "A judge looked at a page.", ("judge", "accepted", "reasons")),
    "page.finished": Event(INFO, "A page became true black and white.", ("seconds", "width_px", "height_px", "curves")),
    "draft.kept": Event(WARNING, "The storage took no picture that was paid for; the database keeps it.", ("step", "bytes", "error")),
    "draft.noted": Event(
        WARNING, "A request is open of which the database could not be told; the storage keeps its id.", ("step", "error")
    ),
    "draft.left": Event(WARNING, "A picture of a page that is done could not be removed from the storage.", ("files", "error")),
    "page.stored": Event(INFO, "A page's files lie in the storage.", ("files", "bytes", "seconds")),
    "image.process_died": Event(WARNING, "A child process ended amid work on an image, or was ended; it is replaced.", ("pid", "reason")),
    "export.bound": Event(INFO, "Pages of a run were bound, and lie in the storage; or why they cannot be, does.",
                          ("kind", "pages", "bytes", "ready")),
    "user.erased": Event(INFO, "What a user had made and written was removed.", ("files",)),
    "user.customer_left": Event(
        WARNING, "A customer stays at Stripe whose account is gone: the worker has no key.", ("customer", "reason")
    ),
    "guard.acted": Event(ERROR, "Costs were in the red: the operation went to its fallback, or off.", ("operation", "level", "action")),
    "operation.switched": Event(
        ERROR, "An operation was switched off, as no worker has the keys it takes; or on again.", ("operation", "action", "reason")
    ),
    "guard.failed": Event(WARNING, "The costs could not be looked at this time.", ("error",)),
    # ── the rest ──────────────────────────────────────────────────────────────────────────────────
    "health.serving": Event(INFO, "Health, metrics and dashboard can be asked for.", ("address",)),
    "health.failed": Event(ERROR, "A page of health, metrics or dashboard could not be made.", ("path", "error")),
})
