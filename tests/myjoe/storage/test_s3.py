"""S3: signatures as botocore makes them, and the whole of it against moto's server, which checks
them.
"""
from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.auth
import httpx2
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from myjoe.errors import StorageError
from myjoe.storage.s3 import S3Storage, Signer

REGION = "eu-west-1"
NOW = datetime(2026, 11, 24, 12, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("url", ["https://s3.eu-west-1.amazonaws.com/pages/u/j/1/page.png", "http://127.0.0.1:9000/my.bucket/a_b-c.d/e"])
def test_headers_are_signed_as_botocore_signs_them(method: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"content" if method == "PUT" else b""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: NOW.replace(tzinfo=None))
    request = AWSRequest(method, url, data=content)
    botocore.auth.S3SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG"), "s3", REGION).add_auth(request)
    theirs = {name.lower(): value for name, value in request.headers.items()}
    ours = Signer(REGION, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG").headers(method, url, theirs["x-amz-content-sha256"], NOW)
    assert ours["x-amz-date"] == theirs["x-amz-date"] == "20261124T123045Z"
    assert ours["authorization"] == theirs["authorization"]


def test_addresses_are_signed_as_botocore_signs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://s3.eu-west-1.amazonaws.com/pages/u/j/1/page.png"
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: NOW.replace(tzinfo=None))
    request = AWSRequest("GET", url)
    botocore.auth.S3SigV4QueryAuth(Credentials("AKIDEXAMPLE", "secret"), "s3", REGION, expires=600).add_auth(request)
    ours = Signer(REGION, "AKIDEXAMPLE", "secret").signed_url(url, 600, NOW)
    assert sorted(ours.partition("?")[2].split("&")) == sorted(request.url.partition("?")[2].split("&"))


# ── against moto ──────────────────────────────────────────────────────────────────────────────────


class Cloud:
    """Moto's server with one bucket, and a key that may use it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.access_key_id, self.secret_access_key = self._key()
        self.client("s3").create_bucket(Bucket="pages", CreateBucketConfiguration={"LocationConstraint": REGION})

    def _key(self) -> tuple[str, str]:
        root: dict[str, Any] = {"aws_access_key_id": "root", "aws_secret_access_key": "root"}
        iam = boto3.client("iam", endpoint_url=self.url, region_name=REGION, **root)
        iam.create_user(UserName="worker")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="worker", PolicyName="pages", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="worker")["AccessKey"]
        self.check_signatures(after=0)
        return key["AccessKeyId"], key["SecretAccessKey"]

    def check_signatures(self, after: float) -> None:
        """From so many requests on, moto holds every signature against the key it belongs to."""
        httpx2.post(f"{self.url}/moto-api/reset-auth", content=str(after).encode()).raise_for_status()

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
        )  # fmt: skip

    def storage(self, **changes: Any) -> S3Storage:
        settings = {
            "endpoint_url": self.url, "region": REGION, "bucket": "pages", "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key, "patience_seconds": 0.5,
        }  # fmt: skip
        return S3Storage(**{**settings, **changes})


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "AWS_DEFAULT_REGION": REGION},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx2.get(f"http://127.0.0.1:{port}/moto-api/")
                break
            except httpx2.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, "moto's server does not come up"
                time.sleep(0.1)
        yield Cloud(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


def done(storage: S3Storage, work: Callable[[S3Storage], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(main())


def test_what_is_put_is_given_back_replaced_and_deleted(cloud: Cloud) -> None:
    key = f"{uuid.uuid4()}/{uuid.uuid4()}/1/page.png"

    async def work(storage: S3Storage) -> None:
        await storage.check()
        await storage.put(key, b"one", "image/png")
        await storage.put(key, b"two", "image/png")
        assert await storage.get(key) == b"two"
        head = cloud.client("s3").head_object(Bucket="pages", Key=key)
        assert (head["ContentType"], head["ContentLength"]) == ("image/png", 3)
        await storage.delete([key, "never/there.png"])
        with pytest.raises(StorageError, match=r"NoSuchKey.*\(404\)"):
            await storage.get(key)

    done(cloud.storage(), work)


def test_a_signed_address_can_be_read_by_anybody(cloud: Cloud) -> None:
    done(cloud.storage(), lambda storage: storage.put("u/page.png", b"content", "image/png"))
    cloud.check_signatures(after=1e9)  # those in addresses moto cannot check; that they are right is botocore's word, above
    try:
        answer = httpx2.get(done(cloud.storage(), lambda storage: storage.signed_url("u/page.png", 60)))
        assert (answer.status_code, answer.content) == (200, b"content")
    finally:
        cloud.check_signatures(after=0)


def test_no_address_lives_longer_than_a_week(cloud: Cloud) -> None:
    assert "X-Amz-Expires=604800&" in done(cloud.storage(), lambda storage: storage.signed_url("u/page.png", 10**9))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bucket": "elsewhere"}, "NoSuchBucket"), ({"secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "AKIAWRONG"}, "InvalidAccessKeyId"), ({"endpoint_url": "http://127.0.0.1:9"}, "no answer"),
    ],
)  # fmt: skip
def test_the_check_finds_what_is_wrong(cloud: Cloud, changes: dict[str, str], said: str) -> None:
    with pytest.raises(StorageError, match=said) as caught:
        done(cloud.storage(**changes), lambda storage: storage.check())
    assert cloud.secret_access_key not in str(caught.value)
