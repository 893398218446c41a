"""What the Studio logs, beside what every process does."""
from __future__ import annotations

from myjoe.telemetry.events import DEBUG, ERROR, INFO, WARNING, Event, declare

declare({
    "studio.started": Event(INFO, "The Studio answers.", ("address", "env", "version")),
    "studio.stopped": Event(INFO, "The Studio leaves."),
    "draft.unplanned": Event(WARNING, "A draft could not be planned; its user was told so.", ("draft", "error")),
    "live.deaf": Event(WARNING, "The stream could not ask the database; browsers ask by themselves meanwhile.", ("error",)),
    "request.answered": Event(DEBUG, "A request was answered.", ("method", "path", "status", "seconds")),
    "request.refused": Event(INFO, "A request was refused, and its person was told why.", ("method", "path", "status", "reason")),
    "request.cross_site": Event(WARNING, "A form came from another site, and was refused.", ("path",)),
    "request.failed": Event(ERROR, "A request ended in an error that nobody foresaw.", ("method", "path", "error")),
    "request.unanswered": Event(WARNING, "The database or a service was away; the person was told so.", ("method", "path", "error")),
})
