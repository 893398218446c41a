"""The command `myjoe`: arguments, one call, an exit code. No logic.

What only a worker needs (numpy, resvg) is imported by the commands that need it, so that an
operator can do without.
"""
from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args
from uuid import UUID

import psycopg

import linefinish
from myjoe import telemetry
from myjoe.database import embedded, environment
from myjoe.database.migrating import migrate
from myjoe.errors import MyJoeError, RequestError, SettingsError
from myjoe.formatting import escaped
from myjoe.operating.operator import STATES, SWITCHES
from myjoe.ordering import placing as ordering
from myjoe.ordering.page_order import Audience, Paper
from myjoe.ordering.planner import BookOrder
from myjoe.settings.shared import DEVELOPMENT, PRODUCTION, STAGING, home_folder
from myjoe.telemetry.reporting import reporting
from myjoe.version import VERSION
from myjoe_cli import by_hand, showing
from myjoe_cli.databases import with_database
from myjoe_cli.storyboard import STORYBOARD
from myjoe_worker.settings import WorkerSettings, read_settings

# Who the embedded database's seed makes, to try things on.
SEED_USER, SEED_PROJECT = UUID("00000000-0000-4000-8000-000000000001"), UUID("00000000-0000-4000-8000-0000000000a1")
# The most pages that an order may ask for; a plan allows fewer.
PAGES_MAX = 1000


def main(words: Sequence[str]) -> int:
    """0 when it is done; 1, and a sentence on standard error, when it is not; 2 for words that are
    no command.
    """
    args = _parser().parse_args(words)
    try:
        code = int(args.call(args))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        raise
    except SettingsError as error:
        for mistake in error.mistakes:
            _complain(mistake)
    except UNMIGRATED:
        _complain("the database lacks what this version needs: bring it up to date with `myjoe db migrate`")
    except (MyJoeError, psycopg.Error, OSError) as error:
        # Of what the database says, the sentence: its context is for who reads the function's
        # source.
        said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
        if isinstance(error, OSError) and error.strerror:  # without the number, which says nothing to anybody
            said = ": ".join([str(error.filename)] * (error.filename is not None) + [error.strerror.lower()])
        _complain(" ".join((said or str(error)).split()))
    except KeyboardInterrupt:
        return 130
    return 1


def _complain(sentence: str) -> None:
    showing.complain(sentence)


# ── what there is to say ──────────────────────────────────────────────────────────────────────────

TOP = """\
My Joe: the web, the worker, the database, and what an operator does by hand.

  myjoe demo                       a book of eight pages on a fresh machine: no account, no key, no network
  myjoe studio                     the web, with everything behind it: http://127.0.0.1:8000
  myjoe worker check               every setting and connection, before a job is taken
  myjoe worker run                 work until SIGTERM
  myjoe order "a cat and an owl" --pages 8
  myjoe jobs --state failed
  myjoe requeue 3f2a91c0 --reason "the provider was down"
"""
# What a database says that was never migrated, or not since this version.
UNMIGRATED = (
    psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
)  # fmt: skip
SETTINGS_SAY = (
    "Settings come from the environment (docs/reference/settings.md). Without DATABASE_URL, in development, the embedded database is meant."
)


class _Parser(argparse.ArgumentParser):
    """Keeps the line breaks of what it says, and fails in one sentence."""

    def __init__(self, **how: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **how)

    def _print_message(self, message: str, file: Any = None) -> None:
        if message:  # argparse's own keeps still where nothing can be written
            (file or sys.stderr).write(message)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {escaped(message)}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="myjoe", description=TOP, epilog=SETTINGS_SAY)
    parser.add_argument("--version", action="version", version=f"myjoe {VERSION}")
    parts = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    one = _command(parts, "demo", _demo, "make a book of eight pages: embedded database, governor, queue, worker, finisher", """
        myjoe demo
        myjoe demo --folder holiday --pages 4""")  # fmt: skip
    one.add_argument("--folder", type=Path, default=Path("myjoe-demo"), help="where the pages go (default: %(default)s)")
    one.add_argument("--pages", type=_up_to(len(STORYBOARD)), default=len(STORYBOARD), metavar="N", help="default: %(default)s")

    one = _command(parts, "studio", _studio, "the web: on a fresh machine with everything behind it, and a link that signs you in", """
        myjoe studio
        myjoe studio --port 9000
        MYJOE_ENV=production myjoe studio --host 0.0.0.0 --no-worker     # with the settings of docs/reference/settings.md""")  # fmt: skip
    one.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s, this machine alone)")
    one.add_argument("--port", type=_up_to(65535), default=8000, metavar="N", help="default: %(default)s")
    one.add_argument("--no-worker", action="store_true", help="pages are drawn by workers that run elsewhere")

    worker = parts.add_parser("worker", help="run | once | check", description="The worker.").add_subparsers(
        required=True, metavar="COMMAND", parser_class=_Parser)  # fmt: skip
    _command(worker, "run", _work, "work until SIGTERM or SIGINT, then finish or hand back what is held, and leave", """
        MYJOE_HEALTH_ADDRESS=:8080 myjoe worker run       # with a dashboard at http://127.0.0.1:8080/""")  # fmt: skip
    _command(worker, "once", _work, "work until there is nothing to do", "myjoe worker once").set_defaults(once=True)
    _json(_command(worker, "check", _check, "look at every setting and connection; exit code 1 if one of them will not do", """
        myjoe worker check && myjoe worker run"""))  # fmt: skip

    one = _command(parts, "order", _order, "order a book: screened, quoted, planned and queued", """
        myjoe order "a cat, an owl and a lighthouse" --pages 8
        myjoe order "a day at the farm" --pages 24 --audience toddlers --quote
        myjoe order "owls" --pages 24 --printer lulu --trim 8.5x11 --author "A. B." """)  # fmt: skip
    one.add_argument("description", help="what the book is about, in a sentence or two")
    one.add_argument("--pages", type=_up_to(PAGES_MAX), default=8, metavar="N", help="default: %(default)s")
    one.add_argument("--audience", choices=get_args(Audience), default="kids", help="default: %(default)s")
    one.add_argument("--paper", choices=get_args(Paper), default="letter", help="default: %(default)s")
    one.add_argument("--operations", type=_names, default=["raster"], metavar="LIST",
                     help="raster or vector, perhaps with fix_upscale after a comma (default: raster)")  # fmt: skip
    one.add_argument("--printer", type=_printer, default=None, metavar="NAME",
                     help="who is to print it: kdp, ingramspark, lulu, blurb or home (default: kdp)")  # fmt: skip
    one.add_argument("--trim", type=_trim, default=None, metavar="WxH",
                     help="the printed book's size in inches, as 8.5x11 (default: the paper's)")  # fmt: skip
    one.add_argument("--author", type=_text, default=None, help="who is named on the cover")
    one.add_argument("--bleed", action="store_true", help="drawings run over the edges of the printed page")
    one.add_argument("--double-sided", action="store_true", help="a drawing on the back of each drawing, too")
    one.add_argument("--project", type=UUID, default=None, metavar="ID", help="by default the seed's")
    one.add_argument("--key", type=_text, default=None, help="one per intent: the same again gives the first answer (default: a new one)")
    one.add_argument("--quote", action="store_true", help="say what it would cost, and order nothing")
    _json(_user(one))

    one = _command(parts, "ask", _ask, "ask Joe about the product, KDP, Etsy and line weights", """
        myjoe ask "Which inside margin does KDP want?" """)  # fmt: skip
    one.add_argument("question", type=_text)
    _user(one)

    one = _command(parts, "jobs", by_hand.jobs, "the jobs that changed last", """
        myjoe jobs --state failed --count 50
        myjoe jobs --user 3f2a91c0 --json""")  # fmt: skip
    one.add_argument("--state", choices=STATES)
    one.add_argument("--user", type=_text, metavar="ID", help="the beginning of a user's id")
    one.add_argument("--count", type=_up_to(10_000), default=30, metavar="N", help="default: %(default)s")
    _json(one)
    one = _command(parts, "run", by_hand.run, "one run and its pages", """
        myjoe run 3f2a91c0     # the beginning of its id, or of one of its jobs'""")  # fmt: skip
    _json(_id(one, "a run or a job of it"))
    one = _command(parts, "dead", by_hand.dead, "jobs that failed for good, and were not tried again", "myjoe dead")
    one.add_argument("--all", action="store_true", help="those that were tried again as well")
    _json(one)
    one = _command(parts, "requeue", by_hand.requeue, "try dead jobs once more, as new ones that their users pay anew", """
        myjoe requeue 3f2a91c0 --reason "the provider was down"
        myjoe requeue --kind provider --user 9b1d77e2 --reason "the provider was down" """)  # fmt: skip
    one.add_argument("id", nargs="?", type=_text, metavar="ID", help="a dead job, or a run for all its dead jobs: its id, or the beginning")
    one.add_argument("--kind", type=_text, metavar="KIND", help="those that died of this, as `myjoe dead` names it")
    one.add_argument("--user", type=_text, metavar="ID", help="those of this user: the beginning of the id")
    one.add_argument("--all", action="store_true", help="all dead jobs that were not tried again")
    _reason(one)
    told = "stop a run, or one job: what waits ends, what runs is stopped, and both are refunded"
    one = _command(parts, "cancel", by_hand.cancel, told, """
        myjoe cancel 3f2a91c0""")  # fmt: skip
    _id(one, "a run or a job")

    one = _command(parts, "files", by_hand.files, "a run's files, with whole paths, and what its pages cost", """
        myjoe files 3f2a91c0
        myjoe files 3f2a91c0 --to pages/     # fetched, from whatever storage""")  # fmt: skip
    _json(_id(one, "a run or a job of it")).add_argument("--to", type=Path, metavar="FOLDER", help="fetch them into this folder")
    one = _command(parts, "book", by_hand.book, "the book of a run: the newest picture of each page, as one PDF", """
        myjoe book 3f2a91c0 -o book.pdf""")  # fmt: skip
    _id(one, "a run or a job of it").add_argument("-o", "--output", type=Path, metavar="FILE", help="default: book-ID.pdf")
    one = _command(parts, "users", by_hand.users, "users, with their plans, credits and jobs", """
        myjoe users
        myjoe users joe@example.com""")  # fmt: skip
    one.add_argument("part", nargs="?", type=_text, metavar="PART", help="a part of an address, or the beginning of an id")
    one.add_argument("--count", type=_up_to(1000), default=30, metavar="N", help="default: %(default)s")
    _json(one)
    one = _command(parts, "credits", by_hand.user_credits, "a user's credits, or credits given or taken by hand", """
        myjoe credits joe@example.com
        myjoe credits joe@example.com --give 8 --reason "pages lost in the outage of the 29th" """)  # fmt: skip
    one.add_argument("user", type=_text, metavar="USER", help="an address, or the beginning of an id")
    change = one.add_mutually_exclusive_group()
    change.add_argument("--give", type=_halves, metavar="N", help="so many credits; halves are fine")
    change.add_argument("--take", type=_halves, metavar="N")
    one.add_argument("--request", type=_text, metavar="KEY", help="one per intent: the same again changes nothing (default: a new one)")
    _json(_reason(one, required=False))
    one = _command(parts, "switch", by_hand.switch, "how operations are switched; or switch one on, off, or to another provider", """
        myjoe switch
        myjoe switch vector off --reason "the provider draws noise"
        myjoe switch raster fallback --reason "replicate is down" """)  # fmt: skip
    one.add_argument("operation", nargs="?", type=_text, metavar="OPERATION")
    one.add_argument("to", nargs="?", choices=SWITCHES, metavar="on|off|first|fallback")
    _json(_reason(one, required=False))
    one = _command(parts, "release", by_hand.release, "give back at once what a dead worker holds; one that lives loses it", """
        myjoe release fly-148e-1-77abcd --reason "its machine is gone" """)  # fmt: skip
    one.add_argument("worker", type=_text, metavar="WORKER", help="its name, or the beginning of it: `myjoe jobs` shows who holds what")
    _reason(one)

    database = parts.add_parser("db", help="up | migrate | mark | down", description="The database.").add_subparsers(
        required=True, metavar="COMMAND", parser_class=_Parser)  # fmt: skip
    one = _command(database, "up", _up, "have a database, up to date and with a user to try things on; print its connection string", """
        myjoe db up""")  # fmt: skip
    _folder(_url(one, "; by default $DATABASE_URL, or else an embedded one"))
    one = _command(database, "migrate", _migrate, "bring a database up to date; print the versions that were applied", """
        myjoe db migrate --url postgresql://…""")  # fmt: skip
    _url(one, "; by default $DATABASE_URL")
    one = _command(database, "mark", _mark, "say once and for all whose database this is; workers of others refuse it", """
        myjoe db mark production""")  # fmt: skip
    one.add_argument("environment", choices=(DEVELOPMENT, STAGING, PRODUCTION))
    _url(one, "; by default $DATABASE_URL")
    _folder(_command(database, "down", _down, "stop the embedded server; its data stays", "myjoe db down"))
    return parser


def _command(parts: Any, name: str, call: Callable[[argparse.Namespace], int], text: str, examples: str) -> Any:
    shown = textwrap.indent(textwrap.dedent(examples.strip("\n")), "  ").rstrip()
    command = parts.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=f"examples:\n{shown}")
    command.set_defaults(call=call, once=False)
    return command


def _json(command: Any) -> Any:
    command.add_argument("--json", action="store_true", help="JSON, for machines")
    return command


def _id(command: Any, of: str) -> Any:
    command.add_argument("id", type=_text, metavar="ID", help=f"{of}: its id, or the beginning of it")
    return command


def _reason(command: Any, *, required: bool = True) -> Any:
    command.add_argument("--reason", required=required, help="kept, with your login, on record")
    return command


def _user(command: Any) -> Any:
    command.add_argument("--user", type=UUID, default=None, metavar="ID", help="for whom, and who pays; by default the seed's user")
    return command


def _url(command: Any, text: str) -> Any:
    command.add_argument("--url", default=os.environ.get("DATABASE_URL"), help=f"a PostgreSQL or Supabase database{text}")
    return command


def _folder(command: Any) -> Any:
    command.add_argument(
        "--folder", type=Path, default=embedded.default_folder(), help="where the embedded server lives (default: $MYJOE_HOME/database)"
    )
    return command


def _up_to(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"a whole number from 1 to {most} is wanted, not {text!r}")
        return int(text)

    return parse


def _text(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text.strip()


def _printer(text: str) -> str:
    there = linefinish.read_printers()
    if text not in there:
        raise argparse.ArgumentTypeError(f"there is no printer {text!r}; there are {', '.join(there)}")
    return text


def _trim(text: str) -> str:
    if not re.fullmatch(r"\d{1,2}(\.\d{1,4})?x\d{1,2}(\.\d{1,4})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"a size in inches is wanted, as 8.5x11, not {text!r}")
    return text


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"names between commas are wanted, not {text!r}")
    return names


def _halves(text: str) -> int:
    """Credits as half credits."""
    whole, dot, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 9 and (rest in ("0", "5") if dot else True)):
        raise argparse.ArgumentTypeError(f"credits are wanted, such as 8 or 2.5, not {text!r}")
    half = 2 * int(whole) + (rest == "5")
    if half == 0:
        raise argparse.ArgumentTypeError("at least half a credit is wanted")
    return half


# ── what is done ──────────────────────────────────────────────────────────────────────────────────


def _demo(args: argparse.Namespace) -> int:
    from myjoe_cli import demo

    demo.run(home_folder(), args.folder, args.pages, sys.stdout)
    return 0


def _studio(args: argparse.Namespace) -> int:
    from myjoe_cli import studio
    from myjoe_studio.settings import read_settings

    given = dict(os.environ)
    if given.get("MYJOE_ENV", DEVELOPMENT) == DEVELOPMENT:
        given.setdefault("MYJOE_STUDIO_ADDRESS", f"http://{args.host}:{args.port}")
    studio.run(read_settings(given), args.host, args.port, worker=not args.no_worker, out=sys.stdout)
    return 0


def _work(args: argparse.Namespace) -> int:
    from myjoe_worker.assembling import run_worker

    settings = with_database(read_settings(os.environ), make=True)
    telemetry.start(settings)
    with reporting(settings, VERSION, settings.worker_name):
        asyncio.run(run_worker(settings, once=args.once))
    return 0


def _check(args: argparse.Namespace) -> int:
    settings = with_database(read_settings(os.environ), make=True)
    return asyncio.run(_checked(settings, as_json=args.json))


async def _checked(settings: WorkerSettings, *, as_json: bool) -> int:
    from myjoe_worker import checking

    found = []
    async for finding in checking.check(settings, _keep_still if as_json else _still_looking):
        found.append(finding)
        if not as_json:
            print(f"{finding.verdict:4}  {finding.what:11}  {escaped(telemetry.scrub(finding.sentence))}", flush=True)
    if as_json:
        print(showing.as_json([vars(finding) for finding in found]))
    return int(any(finding.verdict == checking.FAIL for finding in found))


def _keep_still(what: str, seconds: float) -> None:
    """Machines want the answer alone."""


def _still_looking(what: str, seconds: float) -> None:
    """What takes long is said on standard error, which is no answer."""
    if seconds:
        print(f"…     {what:11}  still looking, {seconds:.0f} s", file=sys.stderr, flush=True)


def _order(args: argparse.Namespace) -> int:
    settings = with_database(read_settings(os.environ), make=True)
    said = {"printer": args.printer, "trim": args.trim, "author": args.author, "bleed": args.bleed or None,
            "single_sided": False if args.double_sided else None}  # fmt: skip
    printed = {name: value for name, value in said.items() if value is not None}
    book = BookOrder(args.description, args.pages, args.audience, args.paper, tuple(args.operations), print=printed)
    user, project = _of_seed(settings, args.user, SEED_USER, "--user"), _of_seed(settings, args.project, SEED_PROJECT, "--project")
    answer = asyncio.run(ordering.order_book(settings, user, project, args.key or secrets.token_hex(8), book, quote=args.quote))
    print(showing.as_json(answer) if args.json else showing.answer(answer))
    return 0 if answer["accepted"] else 1


def _ask(args: argparse.Namespace) -> int:
    settings = with_database(read_settings(os.environ), make=True)
    print(asyncio.run(ordering.ask_joe(settings, _of_seed(settings, args.user, SEED_USER, "--user"), args.question)))
    return 0


def _up(args: argparse.Namespace) -> int:
    if args.url:
        migrate(args.url, seed=True, tell=_tell)
        print(args.url)
    else:
        print(embedded.up(args.folder, _tell))
    return 0


def _migrate(args: argparse.Namespace) -> int:
    for version in migrate(_needed(args.url), tell=_tell):
        print(version)
    return 0


def _tell(sentence: str) -> None:
    print(f"myjoe: {sentence}", file=sys.stderr)


def _mark(args: argparse.Namespace) -> int:
    environment.mark(_needed(args.url), args.environment)
    print(f"This is the database of {args.environment}.")
    return 0


def _down(args: argparse.Namespace) -> int:
    embedded.down(args.folder)
    return 0


# ── which database, whose user ────────────────────────────────────────────────────────────────────


def _of_seed(settings: WorkerSettings, given: UUID | None, seed: UUID, option: str) -> UUID:
    if given is None and settings.env != DEVELOPMENT:
        raise RequestError(f"{option} is needed: the seed's is for development")
    return given or seed


def _needed(url: str | None) -> str:
    if not url:
        raise RequestError("which database? Give --url, or set DATABASE_URL")
    return url
