"""Write docs/reference/cli.md: the command's own help, and how flags, Python's names and defaults
belong together. A test holds it current.
"""
from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import wrapping

from linefinish.command import batch, book, compare, finish, impose, preflight, verify
from linefinish.command.arguments import help_text
from linefinish.command.flags import flag_of_option
from linefinish.options import OPTIONS

TARGET = Path(__file__).with_name("reference") / "cli.md"

HEAD = """\
# The command `linefinish`

You have a grey drawing and want black lines on white paper, nothing between, as curves or as pixels for print:

```
linefinish drawing.png -o drawing.svg
```

The rest of this page is what `--help` says (`docs/make_cli.py` writes it, and a test holds it current), then what to expect.
"""

BEHAVIOUR = """\
## What to expect

- **Exit codes.** 0: fine. 1: a file could not be read, finished or written; of `verify`: one is not 1-bit. 2: the command line is
  wrong. 3, of `verify`: one cannot be verified, and none is known not to be 1-bit. `book`, `book --check` and `impose` have codes
  of their own, above. 130, 143 and 129: stopped by Ctrl-C, SIGTERM or SIGHUP. 141: whoever read the output has left. Every error is one
  sentence on standard error.
- **Files are whole or absent.** A file is written beside its place under a hidden name and renamed at the end. An input is never
  overwritten. Only a kill that cannot be answered (`kill -9`, a power cut) in the midst of writing leaves the hidden file,
  `.NAME.*.part`, behind. Nobody reads it, and it may be deleted. The next batch into the folder removes those of its outputs.
- **An empty page** (all white, all black) is a warning and a valid drawing.
- **Progress** appears on a terminal when work takes longer than a second, and never in a file or a pipe.
- **`batch`** keeps a journal, `.linefinish-journal`, in the output folder: one line a page, appended when its files are in place. A page
  is done again if its content, the options, the formats or linefinish's version have changed, or if a result is missing. Deleting the
  journal (or `--force`) does everything again. Two inputs of one name (`a.png`, `a.jpg`) become `a.png.svg` and `a.jpg.svg`. A worker that
  is killed, by the system for want of memory for instance, costs no other page: what it had is tried again alone, and reported if that
  fails too.
- **`--scheduler`** sends pages to a Dask cluster, which reads and writes the same paths: it needs a shared file system and linefinish on
  each worker. In Python `finish_many(..., executor=...)` takes any `concurrent.futures.Executor`, MPI's too.
- **The first run** from a source checkout compiles the kernels, once, for about a minute, and says so. `linefinish --version --verbose`
  tells which kernels run and from where; `LINEFINISH_KERNELS=jit` or `python` chooses the development modes, `LINEFINISH_CACHE` the folder.
"""


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for command in (finish.COMMAND, batch.COMMAND, verify.COMMAND, compare.COMMAND, book.COMMAND, preflight.COMMAND, impose.COMMAND):
        parts.append(f"## {command.name}\n\n```\n{help_text(command)}```\n")
    rows = []
    for option in OPTIONS:
        literal = f"--{option.name.replace('_', '-')}"
        flag = flag_of_option(option.name)
        names = ", ".join(f"`{name}`" for name in dict.fromkeys((*flag.names, literal)))
        rows.append(f"| `{option.name}` | {names} | {'decided from the image' if option.default is None else f'`{option.default}`'} |")
    parts.append(
        "## Options in Python and in JSON\n\nThe flags of the drawing are the fields of `FinishOptions`; job JSON has the same names, and "
        "Potrace's are understood.\n\n| option | flags | default |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )
    parts.append(BEHAVIOUR)
    return wrapping.wrapped("\n".join(parts))


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(f"wrote {TARGET}")
