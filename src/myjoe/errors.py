"""The error family. Each type's docstring is its default message; the type alone decides what
becomes of a job.

RetryableError: the attempt failed, another may succeed. SnoozeError: nothing was tried, come back
later; the attempt does not count. PermanentError: no attempt will succeed; the job dies and its
credits go back. LeaseLostError: somebody else owns the job; write nothing.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Self


class MyJoeError(Exception):
    """The worker could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


# ── the program and its database ──────────────────────────────────────────────────────────────────


class ServerError(MyJoeError):
    """The database server could not be started or stopped."""


class MigrationError(MyJoeError):
    """The migrations do not fit this database."""


class SettingsError(MyJoeError):
    """The settings are not fit to work with.

    `mistakes` are all that were found, one sentence each.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)


class RequestError(MyJoeError):
    """What was asked for at the command line cannot be done as it was asked."""


class DatabaseUnreachableError(MyJoeError):
    """The database did not answer in time."""


# ── a job ─────────────────────────────────────────────────────────────────────────────────────────


class JobError(MyJoeError):
    """The job could not be done.

    `kind` is the word under which failures are counted (jobs.error_kind); each type has its own.
    """

    kind = "internal"


class RetryableError(JobError):
    """The attempt failed; another may succeed.

    `retry_after_seconds` takes the place of the queue's backoff of 1, 5 and 30 minutes where it is
    not None.
    """

    kind = "internal"

    def __init__(self, message: str | None = None, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SnoozeError(JobError):
    """Nothing was tried; the job waits, and the attempt does not count."""

    kind = "busy"

    def __init__(self, message: str | None = None, after_seconds: float = 30.0) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class PermanentError(JobError):
    """No attempt at this job can succeed."""

    kind = "refused"


class LeaseLostError(JobError):
    """Another worker owns the job now: stop and write nothing but the costs already caused."""

    kind = "lease"


class LeaseRanOutError(RetryableError):
    """The lease could not be renewed in time, so the worker stopped its own job."""

    kind = "lease"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, retry_after_seconds=0.0)


class OverdueError(RetryableError):
    """The job took longer than any may."""

    kind = "overdue"


class DatabaseAwayError(RetryableError):
    """The database stayed away while the job needed it."""

    kind = "database"


class JobArgsError(PermanentError):
    """The job's payload is not one that this worker understands."""

    kind = "payload"


class NewerOrderError(SnoozeError):
    """The job asks for what this version does not know; a newer worker may.

    While a deployment rolls, both are at work. What no worker knows for a day is dead.
    """

    kind = "version"

    def __init__(self, message: str | None = None, after_seconds: float = 60.0) -> None:
        super().__init__(message, after_seconds)


class CostCeilingError(PermanentError):
    """The job has cost what it may; the next step would cost more."""

    kind = "cogs"


class PageRefusedError(RetryableError):
    """The judge refused the page; it is drawn again, at once, while attempts and money last."""

    kind = "judge"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, retry_after_seconds=0.0)


class ImageRefusedError(RetryableError):
    """A provider sent something that is no image we take: damaged, hostile, or beyond
    the limits.
    """

    kind = "image"


class ImageProcessError(RetryableError):
    """The process that worked on the image died, or took too long."""

    kind = "image_process"


# ── providers and storage ─────────────────────────────────────────────────────────────────────────


class ProviderError(RetryableError):
    """The provider failed."""

    kind = "provider"


class ProviderOutError(ProviderError):
    """The provider cannot be reached, or fails whatever it is asked; nothing was billed."""


class ProviderTimeoutError(ProviderError):
    """The provider did not answer in time; it may have done the work, and billed it,
    all the same.
    """

    kind = "timeout"


class ProviderAnswerError(ProviderError):
    """The provider's answer is none that can be read; the work was done, and billed,
    most likely.
    """

    kind = "answer"


class ProviderBusyError(SnoozeError):
    """The provider asks to come back later."""

    kind = "busy"


class ProviderRefusedError(PermanentError):
    """The provider will not do this: its moderation refused, or the request is wrong."""

    kind = "refused"


class OperatorError(SnoozeError):
    """An operator has to act, and no job is to blame: something is not set up."""

    kind = "operator"
    # Whose trouble it is: a provider's name, or `storage`; none where it is set up wrong here.
    provider = ""

    def __init__(self, message: str | None = None, after_seconds: float = 300.0) -> None:
        super().__init__(message, after_seconds)

    def of(self, provider: str) -> Self:
        """The same, as the trouble of that provider, unless it is somebody's already."""
        self.provider = self.provider or provider
        return self

    @property
    def told(self) -> str:
        """The message behind whose trouble it is and a colon: by that the database counts
        what waits.
        """
        whose = self.provider or ("storage" if self.kind == "storage" else "myjoe")
        rest = str(self)
        for beginning in (f"{whose}: ", f"{whose} "):
            rest = rest.removeprefix(beginning)
        return f"{whose}: {rest}"


class ProviderAccountError(OperatorError):
    """The provider's account is out of money, or its key is not accepted."""

    kind = "account"


class StorageError(JobError):
    """The storage did not take or give a file.

    Its types say what becomes of a job.
    """

    kind = "storage"


class FileRefusedError(StorageError, RetryableError):
    """The storage will not have this file, or this name."""


class FileMissingError(StorageError, RetryableError):
    """The storage has no such file."""


class StorageAwayError(StorageError, OperatorError):
    """The storage takes and gives nothing at present, whatever the file: it is away, full, read
    only, or does not accept us.
    """

    def __init__(self, message: str | None = None, after_seconds: float = 60.0) -> None:
        super().__init__(message, after_seconds)


class PromptRefusedError(MyJoeError):
    """The description cannot become a book: moderation, a trademark, or a motif that we do not
    draw.

    Raised before any money is spent and before there is a job.
    """
