"""Crashes to Sentry, where SENTRY_DSN is set: what the worker logs as an error, and what ends the
process.

The SDK reports as little as it can be made to: no local variables, no bodies of requests, no bread
crumbs of other libraries, and nothing that was not scrubbed first.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from myjoe import telemetry
from myjoe.errors import SettingsError
from myjoe.settings.shared import Settings

# How long the last reports may take when the process leaves, in seconds.
FLUSH_SECONDS = 2.0


@contextmanager
def reporting(settings: Settings, version: str, server_name: str) -> Iterator[None]:
    """Report while the block runs, if there is a DSN; `server_name` is how reports call this
    process.

    SettingsError if it is no DSN, or if the SDK is missing.
    """
    if not settings.sentry_dsn:
        yield
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
    except ModuleNotFoundError as error:
        raise SettingsError(["SENTRY_DSN is set, and sentry-sdk is not installed: install the package with its extra `sentry`"]) from error
    try:
        sentry_sdk.init(
            settings.sentry_dsn.reveal(), environment=settings.env, release=f"myjoe@{version}", server_name=server_name,
            send_default_pii=False, include_local_variables=False, max_breadcrumbs=0, before_send=_scrubbed,
            auto_enabling_integrations=False, integrations=[LoggingIntegration(level=None, event_level=None)],
        )  # fmt: skip
    except sentry_sdk.utils.BadDsn as error:
        raise SettingsError(["SENTRY_DSN is not one that Sentry has given"]) from error
    reporter = _Reporter(logging.ERROR)
    logging.getLogger().addHandler(reporter)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(reporter)
        sentry_sdk.flush(FLUSH_SECONDS)


class _Reporter(logging.Handler):
    """Each error is a report, grouped by event and kind; its fields are tags, the job's id among
    them.
    """

    def emit(self, record: logging.LogRecord) -> None:
        import sentry_sdk

        event, fields = getattr(record, "event", record.name), getattr(record, "fields", {"error": record.getMessage()})
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("event", event)
            for name, value in fields.items():
                scope.set_tag(name, str(value))
            error = getattr(record, "trace", None) or (record.exc_info[1] if record.exc_info else None)
            if error is not None:
                scope.capture_exception(error)
            else:
                scope.fingerprint = [event, str(fields.get("kind", ""))]
                scope.capture_message(f"{event}: {fields.get('error', '')}", "error")


def _scrubbed(event: Any, hint: Mapping[str, Any]) -> Any:
    return _scrub(event)


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return telemetry.scrub(value)
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _scrub(item) for name, item in value.items()}
    return value
