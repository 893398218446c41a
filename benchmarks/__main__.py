"""`python -m benchmarks`: ask every question in one run, and write the README's table and
docs/discussion/benchmarks.md.
"""
from __future__ import annotations

import argparse
import importlib
import platform
import re
import runpy
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks import peers
from benchmarks.measuring import Table
from benchmarks.settings import Settings

ROOT = Path(__file__).parents[1]
wrapped = runpy.run_path(str(ROOT / "docs" / "wrapping.py"))["wrapped"]
# Where docs/discussion/benchmarks.md sends whoever finds a bar missed.
LIMITS = "Which bars are missed, by how much and why: [limits reached](limits-reached.md)."
QUESTIONS = (
    "trace", "threshold", "despeckle", "encode", "verbs", "book", "process", "batch", "scale", "quality", "sheet", "centreline", "compile",
    "queue", "faults", "studio", "before",
)  # fmt: skip
# The rows of the README's one table: a tool's name there, as the quality tables name it, and as the
# table of tracing times does ("" where only its quality was measured).
IN_README = (
    ("**linefinish**", "linefinish", "linefinish, from the greys"),
    ("Potrace, the best of ten recipes", "potrace after ×2", ""),
    ("Potrace", "potrace after fixed 128", "libpotrace"),
    ("vtracer", "vtracer", "vtracer"),
    ("AutoTrace", "AutoTrace", "AutoTrace"),
)
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def replaced(text: str, body: str) -> str:
    """The text with what stands between the markers replaced."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError("the markers of the benchmark table are gone")
    return pattern.sub(lambda _: f"{BEGIN}\n{body.strip()}\n{END}", text)


def answers(document: str) -> tuple[str, dict[str, str]]:
    """What stands before the tables of docs/discussion/benchmarks.md; each question's tables."""
    head, *rest = re.split(r"^<!-- question: (\w+) -->\n", document, flags=re.MULTILINE)
    return head, dict(zip(rest[::2], rest[1::2], strict=True))


def document(head: str, tables: Mapping[str, str]) -> str:
    """docs/discussion/benchmarks.md of these, the questions in their order."""
    tables = {question: text.strip("\n") for question, text in tables.items()}
    asked = (f"<!-- question: {question} -->\n{tables[question]}\n" for question in QUESTIONS if question in tables)
    return head.strip() + "\n\n" + "\n".join(asked)


def short(page: str) -> str:
    """The README's table, of docs/discussion/benchmarks.md: edges, curves and time of each tool."""

    def figures(title: str) -> list[list[str]]:
        _, _, rest = page.partition(f"**{title}")
        lines = [line for line in rest.partition("\n**")[0].splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        return rows[:1] + rows[2:]

    def of(rows: list[list[str]], tool: str, column: str) -> str:
        found = [row for row in rows[1:] if tool and row[0].startswith(tool)]
        return found[0][rows[0].index(column)] if found else "–"

    clean, generated, times = figures("Quality, clean"), figures("Quality, generated"), figures("Tracing and fitting")
    table = Table("", ["tool", "edge off, clean page, px", "edge off, generated page, px", "segments", "CPU ms a page"])
    for name, quality, timed in IN_README:
        cells = (of(clean, quality, "edge_mean px"), of(generated, quality, "edge_mean px"), of(clean, quality, "segments"),
                 of(times, timed, "page").partition(" ")[0])  # fmt: skip
        table.add(name, *cells)
    return table.markdown().partition("\n\n")[2]


def main(words: list[str] | None = None) -> int:
    """Measure what is asked for. Files are written when everything was measured; with --write, the
    tables of what was asked take the place of those in docs/discussion/benchmarks.md.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("questions", nargs="*", help=f"some of {', '.join(QUESTIONS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds per figure")
    parser.add_argument("--sizes", default="small,page,large", help="comma list of small, page, large (for tracing)")
    parser.add_argument("--drawings", type=int, help="take the first so many drawings only")
    parser.add_argument("--corpus", type=Path, help="a folder of SVG drawings instead of the bundled ones")
    parser.add_argument("--degrader", type=Path, help="a script with degrade(svg, size, kind, seed) instead of our kinds")
    parser.add_argument("--write", action="store_true", help="put the tables of what was asked into docs/discussion/benchmarks.md")
    args = parser.parse_args(words)
    unknown = sorted(set(args.questions) - set(QUESTIONS))
    if unknown:
        parser.error(f"there is no question {', '.join(unknown)}")
    settings = Settings(args.rounds, tuple(args.sizes.split(",")), args.corpus, args.degrader, args.drawings)

    tables: dict[str, list[Table]] = {}
    for question in args.questions or QUESTIONS:
        start = time.perf_counter()
        tables[question] = []
        for table in importlib.import_module(f"benchmarks.bench_{question}").run(settings):
            tables[question].append(table)
            print(table.markdown(), flush=True)
        print(f"({question}: {time.perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)

    page = ROOT / "docs" / "discussion" / "benchmarks.md"
    texts = {question: "\n".join(table.markdown() for table in answer) for question, answer in tables.items()}
    what = f"Python {platform.python_version()}, {platform.machine()}; {'; '.join(peers.versions())}."
    how = f"Medians of {args.rounds} interleaved rounds, CPU time (user + system); only ratios within one run mean anything."
    if not args.questions and (args.corpus is None or args.write):
        page.write_text(wrapped(document(f"# Benchmarks\n\nMade by `make bench`. {how} {LIMITS}\n\n{what}", texts)), encoding="utf-8")
        readme = ROOT / "README.md"
        readme.write_text(replaced(readme.read_text(encoding="utf-8"), short(page.read_text(encoding="utf-8"))), encoding="utf-8")
    elif args.write:
        head, there = answers(page.read_text(encoding="utf-8"))
        here = [version for version in peers.versions() if not version.endswith("missing")]
        where = f"Asked apart from the others: Python {platform.python_version()}, {platform.machine()}; {'; '.join(here)}."
        apart = {question: f"{text}\n{where}" for question, text in texts.items()}
        page.write_text(wrapped(document(head, {**there, **apart})), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
