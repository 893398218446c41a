"""An S3 with one bucket, in memory, that refuses as it is told."""
from __future__ import annotations

from typing import Any

from tests.support.peers.server import Peer, Received, RefusalError, Reply

# How an S3 refuses any file: status and code.
S3_REFUSALS = {
    "key": (403, "InvalidAccessKeyId"), "signature": (403, "SignatureDoesNotMatch"), "rights": (403, "AccessDenied"),
    "clock": (403, "RequestTimeTooSkewed"), "bucket": (404, "NoSuchBucket"), "full": (507, "InsufficientStorage"),
    "token": (400, "ExpiredToken"), "region": (301, "PermanentRedirect"), "unauthorized": (401, "Unauthorized"),
    "method": (405, "MethodNotAllowed"), "novel": (400, "SomethingThatNobodyKnows"),
}  # fmt: skip


class StoragePeer(Peer):
    """Takes what is put under any name. `refusal` is one of S3_REFUSALS, for all requests, until it
    is None again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.refusal: str | None = None

    def route(self, method: str, path: str) -> str:
        return {"PUT": "put", "GET": "get", "DELETE": "delete"}.get(method, "unknown")

    def open_to_all(self, route: str) -> bool:
        return True

    def work(self, request: Received) -> Reply:
        if self.refusal is not None:
            status, code = S3_REFUSALS[self.refusal]
            raise RefusalError(status, error(code))
        key = request.path.split("/", 2)[2]
        if request.route == "put":
            self.files[key] = request.content
        elif request.route == "delete":
            self.files.pop(key, None)
        elif key not in self.files:
            raise RefusalError(404, error("NoSuchKey"))
        else:
            return Reply(200, self.files[key])
        return Reply(200, b"")


def error(code: str) -> Any:
    """The body of a refusal."""
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>not now</Message></Error>".encode()
