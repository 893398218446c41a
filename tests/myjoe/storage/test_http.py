"""The rooms behind HTTP while their service is down, slow, busy or says no: against a local server
that does as it is told.
"""
from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from myjoe.errors import FileMissingError, FileRefusedError, StorageAwayError, StorageError
from myjoe.storage import http as room
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage

KEY = "user/job/1/page.png"


@dataclass
class Peer:
    """Answers with what is next in its script, (status, headers, body), then with 200; status 0
    hangs up. Takes down what it was asked.
    """

    url: str = ""
    script: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            peer.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = peer.script.pop(0) if peer.script else (200, {}, "{}")
            if not status:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 (names of the library's)

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    peer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()


def supabase(peer: Peer, patience_seconds: float = 20.0) -> SupabaseStorage:
    return SupabaseStorage(peer.url, "sb_secret_x", "pages", patience_seconds=patience_seconds)


def done(storage: SupabaseStorage | S3Storage, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    "trouble",
    [
        (500, {}, "oops"), (503, {}, ""), (429, {}, '{"statusCode":"429","error":"SlowDown","message":"too busy"}'), (0, {}, ""),
        (400, {}, '{"statusCode":"503","error":"DatabaseTimeout","message":"the database is busy"}'),
    ],
)  # fmt: skip
def test_what_passes_is_waited_for(peer: Peer, trouble: tuple[int, dict[str, str], str]) -> None:
    peer.script = [trouble, trouble]
    done(supabase(peer), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert [method for method, _, _ in peer.asked] == ["POST"] * 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_what_will_not_pass_is_told_at_once(peer: Peer, status: int) -> None:
    peer.script = [(400, {}, f'{{"statusCode":"{status}","error":"No","message":"never"}}')]
    with pytest.raises(StorageError, match=rf"did not store pages/user/job/1/page\.png: No: never \({status}\)"):
        done(supabase(peer), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert len(peer.asked) == 1


SUPABASE = '{"statusCode":"%s","error":"%s","message":"never"}'
S3 = "<Error><Code>%s</Code><Message>never</Message></Error>"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        *[(400, SUPABASE % (inner, "No"), StorageAwayError) for inner in (401, 402, 403, 404, 405, 507, 544)],
        *[(400, SUPABASE % (inner, "No"), FileRefusedError) for inner in (400, 409, 413, 422)],
        (400, SUPABASE % (404, "Bucket not found"), StorageAwayError), (400, SUPABASE % (400, "InvalidJWT"), StorageAwayError),
        (400, SUPABASE % ("9" * 5000, "No"), FileRefusedError), (403, "[" * 5000, StorageAwayError), (401, "", StorageAwayError),
        (507, "", StorageAwayError), (301, "", StorageAwayError), (413, "", FileRefusedError),
        (400, SUPABASE % (415, "No"), StorageAwayError),
    ],
)  # fmt: skip
def test_what_would_meet_any_file_is_an_operator_s_affair(peer: Peer, status: int, body: str, kind: type[StorageError]) -> None:
    peer.script = [(status, {}, body)] * 2
    with pytest.raises(StorageError) as caught:
        done(supabase(peer, 0.1), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "code", "reading", "writing"),
    [
        (403, "AccessDenied", StorageAwayError, StorageAwayError), (403, "RequestTimeTooSkewed", StorageAwayError, StorageAwayError),
        (403, "InvalidAccessKeyId", StorageAwayError, StorageAwayError), (404, "NoSuchBucket", StorageAwayError, StorageAwayError),
        (404, "NoSuchKey", FileMissingError, StorageAwayError), (400, "ExpiredToken", StorageAwayError, StorageAwayError),
        (400, "AuthorizationHeaderMalformed", StorageAwayError, StorageAwayError),
        (400, "KMS.DisabledException", StorageAwayError, StorageAwayError), (400, "RequestTimeout", StorageAwayError, StorageAwayError),
        (400, "InvalidStorageClass", StorageAwayError, StorageAwayError), (400, "BadDigest", StorageAwayError, StorageAwayError),
        (409, "OperationAborted: in progress", StorageAwayError, StorageAwayError),
        (400, "InvalidEncryptionAlgorithmError", StorageAwayError, StorageAwayError),
        (400, "EntityTooLarge", FileRefusedError, FileRefusedError),
        (507, "XMinioStorageFull", StorageAwayError, StorageAwayError), (501, "NotImplemented", StorageAwayError, StorageAwayError),
    ],
)  # fmt: skip
def test_the_same_of_any_s3(peer: Peer, status: int, code: str, reading: type[StorageError], writing: type[StorageError]) -> None:
    storage = S3Storage(peer.url, "eu-west-1", "pages", "id", "key", patience_seconds=0.1)

    async def both(one: S3Storage) -> list[type[BaseException]]:
        found = []
        for asked in (one.get(KEY), one.put(KEY, b"x", "image/png")):
            with pytest.raises(StorageError) as caught:
                await asked
            found.append(caught.type)
        return found

    peer.script = [(status, {}, S3 % code)] * 2
    assert done(storage, both) == [reading, writing]


def test_a_service_that_stays_away_is_no_fault_of_the_file(peer: Peer) -> None:
    peer.script = [(503, {}, "down")] * 1000
    with pytest.raises(StorageAwayError):
        done(supabase(peer, patience_seconds=0.3), lambda storage: storage.get(KEY))


def test_nothing_is_unpacked_and_nothing_read_without_bounds(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    peer.script = [(200, {"content-encoding": "gzip"}, "x")]
    with pytest.raises(FileRefusedError, match="packs its answer"):
        done(supabase(peer), lambda storage: storage.get(KEY))
    assert peer.asked[0][2]["accept-encoding"] == "identity"
    monkeypatch.setattr(room, "ANSWER_BYTES_MAX", 1000)
    peer.script = [(200, {}, "x" * 1001), (200, {}, "x" * 1000)]
    with pytest.raises(FileRefusedError, match="larger than 1000 bytes"):
        done(supabase(peer), lambda storage: storage.get(KEY))
    assert len(done(supabase(peer), lambda storage: storage.get(KEY))) == 1000


def test_patience_ends(peer: Peer) -> None:
    peer.script = [(503, {}, "down")] * 1000
    with pytest.raises(StorageError, match=r"down \(503\)"):
        done(supabase(peer, patience_seconds=1.0), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert len(peer.asked) < 1000


def test_a_service_that_is_not_there_is_told() -> None:
    with pytest.raises(StorageError, match=r"no answer \(ConnectError"):
        done(SupabaseStorage("http://127.0.0.1:9", "k", "pages", patience_seconds=0.3), lambda storage: storage.get(KEY))


@pytest.mark.parametrize("asked_for", ["0.6", "Wed, 25 Nov 2020 00:00:00 GMT", "tomorrow"])
def test_who_asks_for_time_gets_it(peer: Peer, asked_for: str) -> None:
    peer.script = [(429, {"retry-after": asked_for}, "")]
    begun = time.monotonic()
    done(supabase(peer), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert time.monotonic() - begun > (0.55 if asked_for == "0.6" else 0.05)


def test_who_asks_for_more_time_than_there_is_gets_no_second_request(peer: Peer) -> None:
    peer.script = [(429, {"retry-after": "3600"}, "")]
    with pytest.raises(StorageError, match=r"\(429\)"):
        done(supabase(peer), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert len(peer.asked) == 1


def test_a_duplicate_in_spite_of_upsert_is_replaced(peer: Peer) -> None:
    peer.script = [(400, {}, '{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}')]
    done(supabase(peer), lambda storage: storage.put(KEY, b"x", "image/png"))
    assert [method for method, _, _ in peer.asked] == ["POST", "PUT"]
    assert peer.asked[0][2]["x-upsert"] == "true" and peer.asked[0][2]["content-type"] == "image/png"


def test_the_secret_key_is_sent_as_the_platform_takes_it(peer: Peer) -> None:
    done(supabase(peer), lambda storage: storage.get(KEY))
    headers = peer.asked[0][2]
    assert headers["authorization"] == f"Bearer {headers['apikey']}" == "Bearer sb_secret_x"
    assert "mozilla" not in headers["user-agent"].lower()  # secret keys are refused from what looks like a browser


@pytest.mark.parametrize(
    ("body", "address"),
    [
        ('{"signedURL": "/object/sign/pages/user/job/1/page.png?token=t"}', "/storage/v1/object/sign/pages/user/job/1/page.png?token=t"),
        ('{"signedUrl": "/storage/v1/object/sign/pages/k?token=t"}', "/storage/v1/object/sign/pages/k?token=t"),
        ("{}", None), ("[]", None), ('{"signedURL": null}', None), ("not json", None),
    ],
)  # fmt: skip
def test_signed_addresses_are_absolute(peer: Peer, body: str, address: str | None) -> None:
    peer.script = [(200, {}, body)]
    if address is None:
        with pytest.raises(StorageError, match="no address"):
            done(supabase(peer), lambda storage: storage.signed_url(KEY, 60))
    else:
        assert done(supabase(peer), lambda storage: storage.signed_url(KEY, 60)) == peer.url + address


def test_a_thousand_keys_are_deleted_at_once_and_no_more(peer: Peer) -> None:
    done(supabase(peer), lambda storage: storage.delete([f"user/{number}.png" for number in range(2001)]))
    assert [method for method, _, _ in peer.asked] == ["DELETE"] * 3


def test_nobody_is_sent_elsewhere(peer: Peer) -> None:
    """A redirect would carry the key to whoever is named in it."""
    peer.script = [(302, {"location": "http://127.0.0.1:9/elsewhere"}, "")]
    with pytest.raises(StorageError, match=r"\(302\)"):
        done(supabase(peer), lambda storage: storage.get(KEY))


def test_s3_tells_the_code_of_its_refusals(peer: Peer) -> None:
    peer.script = [(403, {}, "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Not you</Message></Error>")]
    with pytest.raises(StorageError, match=r"did not store pages/user/job/1/page\.png: AccessDenied: Not you \(403\)"):
        done(S3Storage(peer.url, "eu-west-1", "pages", "id", "key"), lambda storage: storage.put(KEY, b"x", "image/png"))
