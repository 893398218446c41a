"""`python -m benchmarks`: ask every question in one run, and write the README's table and
docs/benchmarks.md.
"""
from __future__ import annotations

import argparse
import importlib
import platform
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks import peers
from benchmarks.measuring import Table
from benchmarks.settings import Settings

ROOT = Path(__file__).parents[1]
# Where docs/benchmarks.md sends whoever finds a bar missed.
LIMITS = "Which bars are missed, by how much and why: [limits reached](limits-reached.md)."
QUESTIONS = (
    "trace", "threshold", "despeckle", "encode", "verbs", "book", "process", "batch", "scale", "quality", "sheet", "queue", "faults",
    "studio", "before",
)  # fmt: skip
# The README shows these: speed of the core, the whole command, and quality on a clean, a 1-bit and
# a generated page.
IN_README = ("Tracing and fitting", "Whole process", "Quality, clean", "Quality, bilevel", "Quality, generated")
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def replaced(text: str, body: str) -> str:
    """The text with what stands between the markers replaced."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError("the markers of the benchmark table are gone")
    return pattern.sub(lambda _: f"{BEGIN}\n{body.strip()}\n{END}", text)


def answers(document: str) -> tuple[str, dict[str, str]]:
    """What stands before the tables of docs/benchmarks.md, and the tables of each question."""
    head, *rest = re.split(r"^<!-- question: (\w+) -->\n", document, flags=re.MULTILINE)
    return head, dict(zip(rest[::2], rest[1::2], strict=True))


def document(head: str, tables: Mapping[str, str]) -> str:
    """docs/benchmarks.md of these, the questions in their order."""
    tables = {question: text.strip("\n") for question, text in tables.items()}
    asked = (f"<!-- question: {question} -->\n{tables[question]}\n" for question in QUESTIONS if question in tables)
    return head.strip() + "\n\n" + "\n".join(asked)


def short(tables: list[Table]) -> list[Table]:
    """What the README shows; of the quality of a kind only ours, the best recipe and the other
    tools.
    """
    chosen = []
    for table in tables:
        if not table.title.startswith(IN_README):
            continue
        kept = Table(table.title, table.columns)
        kept.notes = table.notes
        recipes = 0
        for row in table.rows:
            recipes += row[0].startswith("potrace after")
            if not row[0].startswith("potrace after") or recipes == 1 or row[0] == "potrace after fixed 128":
                kept.rows.append(row)
        chosen.append(kept)
    return chosen


def main(words: list[str] | None = None) -> int:
    """Measure what is asked for. Files are written when everything was measured; with --write, the
    tables of what was asked take the place of those in docs/benchmarks.md.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("questions", nargs="*", help=f"some of {', '.join(QUESTIONS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds per figure")
    parser.add_argument("--sizes", default="small,page,large", help="comma list of small, page, large (for tracing)")
    parser.add_argument("--drawings", type=int, help="take the first so many drawings only")
    parser.add_argument("--corpus", type=Path, help="a folder of SVG drawings instead of the bundled ones")
    parser.add_argument("--degrader", type=Path, help="a script with degrade(svg, size, kind, seed) instead of our kinds")
    parser.add_argument("--write", action="store_true", help="put the tables of what was asked into docs/benchmarks.md")
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

    page = ROOT / "docs" / "benchmarks.md"
    texts = {question: "\n".join(table.markdown() for table in answer) for question, answer in tables.items()}
    what = f"Python {platform.python_version()}, {platform.machine()}; {'; '.join(peers.versions())}."
    how = f"Medians of {args.rounds} interleaved rounds, CPU time (user + system); only ratios within one run mean anything."
    if not args.questions and (args.corpus is None or args.write):
        page.write_text(document(f"# Benchmarks\n\nMade by `make bench`. {how} {LIMITS}\n\n{what}", texts), encoding="utf-8")
        readme = ROOT / "README.md"
        shown = "\n".join(table.markdown() for table in short([table for answer in tables.values() for table in answer]))
        body = f"{shown}\n{how} All tables: [docs/benchmarks.md](docs/benchmarks.md).\n"
        readme.write_text(replaced(readme.read_text(encoding="utf-8"), body), encoding="utf-8")
    elif args.write:
        head, there = answers(page.read_text(encoding="utf-8"))
        here = [version for version in peers.versions() if not version.endswith("missing")]
        where = f"Asked apart from the others: Python {platform.python_version()}, {platform.machine()}; {'; '.join(here)}."
        apart = {question: f"{text}\n{where}" for question, text in texts.items()}
        page.write_text(document(head, {**there, **apart}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
