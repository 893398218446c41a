"""What the Studio logs, beside what every process does."""
from __future__ import annotations

from myjoe.telemetry.events import DEBUG, ERROR, INFO, WARNING, Event, declare

OWN = declare({
    "studio.started": Event(INFO, "The Studio answers.", ("address", "env", "version")),
    "studio.stopped": Event(INFO, "The Studio leaves."),
    "draft.unplanned": Event(WARNING, "A draft could not be planned; its user was told so.", ("draft", "error")),
    "live.deaf": Event(WARNING, "The stream could not ask the database; browsers ask by themselves meanwhile.", ("error",)),
    "identity.unheard": Event(WARNING, "The identity service could not be told; what is ours was done.", ("call", "error")),
    "request.answered": Event(DEBUG, "A request was answered.", ("method", "path", "status", "seconds")),
    "request.refused": Event(INFO, "A request was refused, and its person was told why.", ("method", "path", "status", "reason")),
    "request.cross_site": Event(WARNING, "A form came from another site, and was refused.", ("path", "reason")),
    "try.finished": Event(
        INFO, "A visitor's picture became a drawing; nothing of it was kept. `cut`: of a photographed sheet.",
        ("bytes", "width", "height", "curves", "cut"),
    ),
    "try.refused": Event(INFO, "A visitor's picture was not finished.", ("bytes", "reason")),
    "request.failed": Event(ERROR, "A request ended in an error that nobody foresaw.", ("method", "path", "error")),
    "request.unanswered": Event(WARNING, "The database or a service was away; the person was told so.", ("method", "path", "error")),
    "stripe.not_signed": Event(WARNING, "Somebody posted an event that Stripe did not sign.", ("error",)),
    "stripe.parked": Event(ERROR, "An event of Stripe's waits for an admin, since we must not guess.", ("event", "type", "reason")),
    "stripe.postponed": Event(WARNING, "An event of Stripe's could not be dealt with now, and will be again.", ("event", "type", "error")),
    "stripe.failed": Event(ERROR, "Dealing with an event of Stripe's ended in an error that nobody foresaw.", ("event", "type", "error")),
    "stripe.superseded": Event(WARNING, "A subscription was ended, since its user began another.", ("subscription", "reason")),
    "stripe.second_customer": Event(WARNING, "A user paid as another customer of Stripe's than the one we know.", ("customer", "reason")),
    "stripe.away": Event(WARNING, "A buyer was told that Stripe does not answer.", ("error",)),
})
