"""Write docs/reference/api.md: every public name of linefinish, with its signature, types, units
and errors, from `__all__` and the docstrings. A test holds it current.
"""
from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import wrapping

import linefinish
from linefinish.options import OPTIONS, FinishOptions, Option

TARGET = Path(__file__).with_name("reference") / "api.md"

# In the order in which a drawing passes them. A public name that is not here stands at the end.
SUBJECTS = {
    "Finish a drawing": ("finish", "FinishOptions", "Finished", "FinishReport", "Order", "finish_many", "PageResult",
                         "OPTIONS", "Option"),
    "Read": ("read_gray", "Gray"),
    "Sheets of paper in photographs": ("find_sheet", "Sheet", "flatten", "straightened", "Straightened"),
    "Ink and paper": ("threshold", "separate", "Separation", "Levels", "Bitmap"),
    "Clean": ("despeckle", "close_gaps", "thicken", "hollow"),
    "Trace and fit": ("trace", "Paths", "fit", "Curves", "Outline", "LINE", "CUBIC", "outline"),
    "Compose, rasterize, write": ("compose", "Document", "Page", "PAGES", "POINTS_PER_UNIT", "rasterize", "write"),
    "Verify, measure, compare": ("verify", "Verdict", "measure", "Measures", "doubts", "compare"),
    "Books": ("Book", "CoverOrder", "check", "Finding", "Printer", "read_printers", "ai_statements", "impose", "Imposed", "bind_pages",
              "crop_page", "picture_page"),
    "Errors": ("LinefinishError", "ImageError", "ImageReadError", "ImageShapeError", "ImageTooLargeError", "OptionsError", "WriteError",
               "UnknownFormatError", "UnreadableError", "InternalError"),
    "Version": ("__version__",),
}  # fmt: skip

# What is neither called nor made.
DATA = {
    "OPTIONS": "an `Option` for each field of `FinishOptions`, in their order.",
    "LINE": "the kind of a segment that is a line; see `Curves.kinds`.",
    "CUBIC": "the kind of a segment that is a cubic Bézier curve.",
    "PAGES": "the names that `Page.page` knows, each with its width and height in points.",
    "POINTS_PER_UNIT": "the units that lengths are written in, each with its points (1/72 inch).",
    "__version__": "which version this is.",
}

HEAD = """\
# The Python API

You call linefinish from a program. `from linefinish import …` takes every name of this page. `linefinish.compat.potrace` is public, too:
[a guide](../guides/coming-from.md) tells of it. There are no other public names.
`docs/make_api.py` writes it from the code, and a test holds it current.

- **One frame everywhere**: x runs right, y down, and pixel (0, 0) covers [0, 1) × [0, 1).
- **Greys** are 8 bits: 0 is black, 255 is white. **Bits**: 1 is ink.
- **Lengths** are pixels of the input, unless a name ends in `_pt` (1/72 inch), `_mm` or `_in`.
- **Arrays** of numpy are taken wherever a `Gray` or a `Bitmap` is. `np.asarray(bitmap)` gives one back.
- **Data types** never change: a step returns a new one.
- **An option whose default is `None`** is decided from the image, or is not in use; its words say which.
- **Errors** end in `Error` and have [a place of their own](#errors). All of them are `LinefinishError`.
- The packages `myjoe`, `myjoe_worker`, `myjoe_studio` and `myjoe_cli` are processes and have no public Python API. They are used through
  [the command `myjoe`](myjoe.md) and [settings](settings.md).
"""


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    placed = {name for names in SUBJECTS.values() for name in names}
    rest = tuple(name for name in linefinish.__all__ if name not in placed)
    for subject, names in (SUBJECTS | ({"Further names": rest} if rest else {})).items():
        parts.append(f"## {subject}\n")
        parts += [section(name, getattr(linefinish, name)) for name in names]
    return wrapping.wrapped("\n".join(parts))


def section(name: str, value: Any) -> str:
    """One public name."""
    if name in DATA:
        return f"### `{name}`\n\n`{type(value).__name__}`: {DATA[name]}\n"
    if inspect.isclass(value) and issubclass(value, BaseException):
        return error(name, value)
    # The fields stand in a table here; for `help` they are part of the words.
    words = described(value.__doc__ if value is not FinishOptions else value.__doc__.partition("\n\n")[0])
    lines = [f"### `{name}`\n", f"```python\n{signature(name, value)}\n```\n", words]
    if value is FinishOptions:
        lines.append(options())
    if inspect.isclass(value):
        lines += [member(value, *one) for one in members(value)]
    return "\n".join(lines)


def error(name: str, kind: type[BaseException]) -> str:
    """An error: what it is besides, its default message, its attributes."""
    bases = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
    own = inspect.signature(kind).parameters.values()
    held = ", ".join(f"`{one.name}: {one.annotation}`" for one in own if one.kind is one.KEYWORD_ONLY)
    return f"### `{name}`\n\nIs a {bases}. {described(kind.__doc__).strip()}" + (f" Attributes: {held}." if held else "") + "\n"


def members(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class makes itself."""
    for name, value in vars(kind).items():
        if not name.startswith("_") and (isinstance(value, property | classmethod | staticmethod) or inspect.isfunction(value)):
            yield name, value


def member(kind: type[Any], name: str, value: Any) -> str:
    """A method or a property, on lines of its own."""
    if isinstance(value, property):
        returned = inspect.signature(value.fget).return_annotation  # type: ignore[arg-type]
        return f"- **`.{name}: {returned}`**\n{textwrap.indent(described(value.__doc__), '  ')}"
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    owner = kind.__name__ if isinstance(value, classmethod | staticmethod) else ""
    return f"- **`{owner}.{signature(name, function, bound=True)}`**\n{textwrap.indent(described(function.__doc__), '  ')}"


def signature(name: str, value: Any, bound: bool = False) -> str:
    """How it is called, with types as they are written in the source."""
    if inspect.isclass(value) and value.__annotations__:
        own = vars(value)
        given = [f"{field}: {kind}{_default(own.get(field, inspect.Parameter.empty))}" for field, kind in value.__annotations__.items()]
        returned = ""
    else:
        told = inspect.signature(value)
        given, star = [], False
        for one in list(told.parameters.values())[1 if bound else 0 :]:
            if one.kind is one.KEYWORD_ONLY and not star:
                given.append("*")
                star = True
            prefix = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
            star = star or one.kind is one.VAR_POSITIONAL
            kind = "" if one.annotation is one.empty else f": {one.annotation}"
            given.append(f"{prefix}{one.name}{kind}{_default(one.default)}")
        returned = "" if told.return_annotation in (told.empty, "None") else f" -> {told.return_annotation}"
    line = f"{name}({', '.join(given)}){returned}"
    if len(line) <= 100 or bound:
        return line
    return f"{name}(\n" + "".join(f"    {one},\n" for one in given) + f"){returned}"


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty or isinstance(value, property) or inspect.isroutine(value):
        return ""
    shown = repr(value)
    return f" = {shown}" if len(shown) <= 60 else f" = {type(value).__name__}()"


def described(doc: str | None) -> str:
    """A docstring as Markdown: paragraphs as they are, aligned names and words as a table."""
    first, _, rest = (doc or "").partition("\n")
    cleaned = f"{first.strip()}\n{textwrap.dedent(rest)}".strip()
    made = []
    for paragraph in re.split(r"\n\s*\n", cleaned):
        rows = defined(paragraph.splitlines())
        if rows:
            before = rows.pop(0)[1] if rows[0][0] == "" else ""
            after = rows.pop()[1] if rows and rows[-1][0] == "" else ""
            table = "\n".join(f"| {_code(name)} | {_cell(words)} |" for name, words in rows)
            made += filter(None, (_prose(before), f"| name | what it is |\n| --- | --- |\n{table}", _prose(after)))
        else:
            made.append(_prose(" ".join(paragraph.split())))
    return "\n\n".join(made) + "\n"


ALIGNED = re.compile(r"(\S(?:[^\n]*?\S)?) {2,}(\S.*)")


def defined(lines: list[str]) -> list[tuple[str, str]]:
    """The names and words of a paragraph that has them in two columns; prose before and after them
    has no name. Empty where the paragraph has none.
    """
    rows: list[tuple[str, str]] = []
    found = False
    for line in lines:
        match = ALIGNED.fullmatch(line)
        if match and not line.startswith(" ") and len(match[1]) <= 40:
            rows.append((match[1], match[2]))
            found = True
        elif line.startswith(" ") and rows and rows[-1][0]:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
        elif rows and rows[-1][0] == "":
            rows[-1] = ("", f"{rows[-1][1]} {line.strip()}")
        else:
            rows.append(("", line.strip()))
    named = [name for name, _ in rows]
    # Prose in the midst of names is the end of a sentence that began in the column before.
    for at in range(len(rows) - 2, 0, -1):
        if rows[at][0] == "" and "" not in (named[at - 1], named[at + 1]):
            rows[at - 1] = (rows[at - 1][0], f"{rows[at - 1][1]} {rows[at][1]}")
            del rows[at]
    return rows if found else []


def _code(name: str) -> str:
    return ", ".join(f"`{one.strip()}`" for one in name.split(","))


def _cell(words: str) -> str:
    return _prose(words).replace("|", "\\|")


def _prose(words: str) -> str:
    """What Markdown would take for marks, kept apart from code."""
    return "".join(part if part.startswith("`") else re.sub(r"([*_<\[])", r"\\\1", part) for part in re.split(r"(`[^`]*`)", words))


def options() -> str:
    """The fields of FinishOptions."""
    rows = ["| field | type | default | it may be | Potrace's name | what it does |", "| --- | --- | --- | --- | --- | --- |"]
    for one in OPTIONS:
        kind = FinishOptions.__annotations__[one.name].replace("|", "\\|")
        alias = f"`{one.alias}`" if one.alias else ""
        rows.append(f"| `{one.name}` | `{kind}` | `{one.default!r}` | {bounds(one)} | {alias} | {_cell(one.help)} |")
    return "\n".join(rows) + "\n"


def bounds(one: Option) -> str:
    """What a field may be, in words."""
    choices = ", ".join(f"`{choice}`" for choice in one.choices or ())
    if one.kind == "choice or float":
        return f"{choices}, or {one.low:g} to {one.high:g}"
    if choices:
        return choices
    if one.low is not None and one.high is not None:
        return f"{one.low:g} to {one.high:g}" + (", whole" if one.kind == "int" else "")
    return {"flag": "`True`, `False`", "colour": "red, green, blue or #rrggbb", "sheet": "off, auto, or four corners",
            "paper": "auto, a4, letter or WxH", "turn": "off, auto, or degrees"}[one.kind]  # fmt: skip


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(f"wrote {TARGET}")
