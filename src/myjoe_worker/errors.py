"""The error family. Each type's docstring is its default message."""
from __future__ import annotations


class WorkerError(Exception):
    """The worker could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ServerError(WorkerError):
    """The database server could not be started or stopped."""


class MigrationError(WorkerError):
    """The migrations do not fit this database."""
