"""`book.toml`: the pages in order with their titles and provenance, and any flag of the command."""
from __future__ import annotations

import os

from linefinish.checks import shown, told_once
from linefinish.errors import OptionsError
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PAGE_KEYS = ("file", "title", "provenance")


@record(eq=True)
class Plan:
    """What a book.toml says: values by flag, and for each page its file, title and provenance."""

    values: dict[str, Any]
    files: list[str]
    titles: list[str]
    provenance: list[str]


def read_plan(path: str, flags: dict[str, Any]) -> Plan:
    """Read a book.toml. `flags` are the command's, by their spelling: what the file says goes
    through their readers. OptionsError for what is wrong in it.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise OptionsError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise OptionsError(f"{path} is no TOML: {error}") from error
    pages = table.pop("page", [])
    if not isinstance(pages, list) or not pages or not all(isinstance(page, dict) for page in pages):
        raise OptionsError(f"{path} lists no pages; write [[page]] and file = … for each")
    for at, page in enumerate(pages, 1):
        for key, value in page.items():
            if key not in _PAGE_KEYS or not isinstance(value, str):
                raise OptionsError(f"{path}: page {at} has {shown(key)} = {shown(value)}; a page has the texts {', '.join(_PAGE_KEYS)}")
        if "file" not in page:
            raise OptionsError(f"{path}: page {at} has no file")
    values: dict[str, Any] = {}
    for key, value in table.items():
        flag = flags.get(f"--{key.replace('_', '-')}")
        if flag is None or flag.key in ("output", "help"):
            raise OptionsError(f"{path}: there is no {shown(key)}; a book.toml has [[page]], and the command's flags without dashes")
        if isinstance(value, list):
            value = ",".join(map(str, value))
        if bool(flag.value) == isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise OptionsError(f"{path}: {key} is {shown(value)}; it takes {'true or false' if not flag.value else 'a text or a number'}")
        try:
            values[flag.key] = flag.read(str(value)) if flag.value else value
        except ValueError as error:
            raise OptionsError(f"{path}: {told_once(key, str(value), error)}") from None
    folder = os.path.dirname(os.path.abspath(path))
    for name in ("font", "printers", "cover_image"):
        if name in values:
            values[name] = os.path.join(folder, values[name])
    return Plan(
        values, [os.path.join(folder, page["file"]) for page in pages], [page.get("title", "") for page in pages],
        [page.get("provenance", "") for page in pages],
    )  # fmt: skip
