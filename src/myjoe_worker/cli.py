"""The command `myjoe`: arguments, one call, an exit code. No logic."""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from myjoe_worker.database import embedded
from myjoe_worker.database.migrating import migrate
from myjoe_worker.errors import WorkerError


def main(words: Sequence[str]) -> int:
    """0 when it is done; 1, and one sentence on standard error, when it is not."""
    args = _parser().parse_args(words)
    try:
        return int(args.call(args))
    except (WorkerError, psycopg.Error, OSError) as error:
        print(f"myjoe: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="myjoe", description="My Joe's worker and its database.")
    parts = parser.add_subparsers(required=True, metavar="COMMAND")
    database = parts.add_parser("db", help="the database").add_subparsers(required=True, metavar="COMMAND")
    for name, call, text in (
        ("up", _up, "have a database, up to date and with a user to try things on; print its connection string"),
        ("migrate", _migrate, "bring the database at --url up to date; print the versions that were applied"),
        ("down", _down, "stop the embedded server; its data stays"),
    ):
        command = database.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(call=call)
        if name != "down":
            command.add_argument(
                "--url", default=os.environ.get("DATABASE_URL"), required=name == "migrate" and not os.environ.get("DATABASE_URL"),
                help="a PostgreSQL or Supabase database; by default $DATABASE_URL" + (", or else an embedded one" if name == "up" else ""),
            )  # fmt: skip
        if name != "migrate":
            command.add_argument(
                "--folder", type=Path, default=embedded.default_folder(), help="where the embedded server lives (default: %(default)s)"
            )
    return parser


def _up(args: argparse.Namespace) -> int:
    if args.url:
        migrate(args.url, seed=True)
        print(args.url)
    else:
        print(embedded.up(args.folder))
    return 0


def _migrate(args: argparse.Namespace) -> int:
    for version in migrate(args.url):
        print(version)
    return 0


def _down(args: argparse.Namespace) -> int:
    embedded.down(args.folder)
    return 0
