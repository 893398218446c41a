"""What judges our pages: axe-core (accessibility), the Nu HTML checker and Lighthouse, from npm.
`make test` installs them (`python -m tests.support.web_tools`).
"""
from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support import node
from tests.support.browser import CHROMIUM, FLAGS

# Exactly: each version finds something else.
PACKAGES = ("axe-core@4.14.1", "vnu-jar@26.9.27", "lighthouse@12.2.3")


def install() -> Path:
    """The folder of all of them."""
    return node.installed("web-tools", PACKAGES)


def axe_violations(page: Page) -> list[str]:
    """What axe finds in a page as it is shown: the rule, and the elements. It goes into the page by
    the debugger, which our policy does not bind.
    """
    page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})" for one in found for node in one["nodes"]]


def html_mistakes(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the HTML specification says against pages by their names, as `name: line: sentence`. One
    run of Java for all of them.
    """
    names: dict[str, str] = {}
    for number, (name, html) in enumerate(pages.items()):
        (folder / f"{number}.html").write_text(html, encoding="utf-8")
        names[f"{number}.html"] = name
    jar = str(install() / "vnu-jar/build/dist/vnu.jar")
    command = ["java", "-Xmx512m", "-jar", jar, "--format", "json", "--exit-zero-always", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stderr
    return [
        f"{names[one['url'].rpartition('/')[2]]}: {one.get('lastLine')}: {one['message']} {one.get('extract', '')!r}"
        for one in json.loads(told)["messages"]
    ]


class NothingRecordedError(Exception):
    """Lighthouse judged nothing, and says why: on a busy machine Chromium's trace may lack the
    page's start.
    """


# By how much Lighthouse slows a fast desktop down to a telephone, and the least speed of a desktop
# that it calls fast, by its own measure (its page on throttling, which advises to
# slow others down by less).
CPU_SLOWDOWN, FAST_DESKTOP_INDEX = 4.0, 1500


def lighthouse_scores(address: str, cookie: str = "", cpu_slowdown: float = CPU_SLOWDOWN) -> tuple[dict[str, float], float]:
    """Lighthouse's scores of a page, from 0 to 1, by category; with `cookie`, as who has it. And by
    how much this machine, as fast as it was meanwhile, is to be slowed down to such a telephone.
    NothingRecordedError where it has none.
    """
    environment = {**node.environment(), "CHROME_PATH": CHROMIUM}
    with tempfile.TemporaryDirectory() as folder:
        # Not to its standard output: it ends before a pipe has taken the whole report.
        path = Path(folder) / "report.json"
        words = [
            address, "--output=json", f"--output-path={path}", "--quiet", "--only-categories=performance,accessibility,best-practices",
            f"--throttling.cpuSlowdownMultiplier={cpu_slowdown}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}", f"--extra-headers={json.dumps({'Cookie': cookie} if cookie else {})}",
        ]  # fmt: skip
        done = node.run(str(install() / "lighthouse/cli/index.js"), *words, cwd=node.BUILD, env=environment)
        assert path.exists(), f"Lighthouse told nothing of {address}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if "runtimeError" in report:
        raise NothingRecordedError(report["runtimeError"]["message"])
    assert done.returncode == 0, f"Lighthouse failed at {address}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    slowdown = min(CPU_SLOWDOWN, max(1.0, CPU_SLOWDOWN * report["environment"]["benchmarkIndex"] / FAST_DESKTOP_INDEX))
    return {name: category["score"] for name, category in report["categories"].items()}, slowdown


@cache
def _axe() -> str:
    return (install() / "axe-core/axe.min.js").read_text(encoding="utf-8")


if __name__ == "__main__":
    print(install())
