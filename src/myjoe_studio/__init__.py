"""My Joe's Studio: the web. A person describes a book, sees it planned and priced, watches it come,
pays, and downloads it.

In reading order: `asgi` makes the application of `settings`; `guarding` is what every answer passes
(headers, request id, refusals of other sites' forms); `routing` says what a page is; `visiting` is
one request, from the cookie to the answer; `reading` asks the database as the user, `deciding` as
the service; `pages` has a file for each subject. It imports nothing of the worker: a page is drawn
by another process, and both meet in the database alone.
"""
from __future__ import annotations

from myjoe_studio import events  # declares what the Studio logs

__all__ = ["events"]
