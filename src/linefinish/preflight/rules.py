"""What a printer asks of a book's files: rows of `printers.toml`, each with its source and the day
on which that was read.
"""
from __future__ import annotations

import os
from functools import cache

from linefinish.checks import shown
from linefinish.errors import OptionsError
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How far two sizes may differ and still be one, in inches: trims such as 8.27 are rounded
# millimetres. Larger: 8.25 would be A4's width.
SAME_TRIM_IN = 0.012
_SOURCES = ("own", "secondary", "one", "memory", "ours")


@record(eq=True)
class Row:
    """One rule: its value (inches, unless its name ends in a unit), where that was read ("own",
    "secondary", "one", "memory", "ours": printers.toml says what they mean), and when (ISO date).
    """

    value: Any
    source: str
    seen_on: str


@record(eq=True)
class Printer:
    """A printer's rules by name. The methods take inches and give inches.

    Every method raises OptionsError for a paper that the printer does not have.
    """

    name: str
    title: str
    rows: dict[str, Row]

    def value(self, name: str, default: Any = None) -> Any:
        """A rule's value, or the default where the printer states none."""
        row = self.rows.get(name)
        return default if row is None else row.value

    def has_trim(self, width: float, height: float) -> bool:
        """Whether the size is one of those that the printer lists, or in its range of own sizes."""
        if any(same_trim((width, height), (w, h)) for w, h in self.value("trims", ())):
            return True
        own = self.value("trims_own", ())
        return bool(own) and all(low <= side <= high for side, (low, high) in zip((width, height), own))

    def refuses_trim(self, width: float, height: float) -> bool:
        """Whether the printer is known not to print the size; of a printer whose list is not known
        to be whole, none is.
        """
        return bool(self.value("trims_own") or self.value("trims_fixed")) and not self.has_trim(width, height)

    def papers(self) -> tuple[str, ...]:
        """The papers of which the printer's rules know."""
        return tuple(self.value("pages", {}))

    def page_range(self, paper: str, width: float, height: float) -> tuple[int, int]:
        """Fewest and most pages on a paper at a trim."""
        fewest, most = self.by_paper("pages", paper)
        for w, h, of, limit in self.value("pages_by_trim", ()):
            if of == paper and same_trim((width, height), (w, h)):
                most = min(most, limit)
        return int(fewest), int(most)

    def rounded_count(self, count: int) -> int:
        """The count with the blank pages that make it a multiple of what the printer binds."""
        multiple = int(self.value("pages_multiple", 1))
        return -(-count // multiple) * multiple

    def margin_inside(self, count: int) -> float:
        """The gutter of a book of so many pages."""
        steps = self.value("margin_inside")
        return float(next((inches for most, inches in steps if count <= most), steps[-1][1]))

    def margin_outside(self, bleed: bool = False) -> float:
        """What stays free at the top, the outer edge and the foot."""
        return float(self.value("margin_outside_bleed" if bleed else "margin_outside"))

    def bleed(self) -> tuple[float, float, float, float]:
        """What a page with bleed adds at its top, outer edge, foot and spine."""
        top, outside, bottom, inside = self.value("bleed")
        return float(top), float(outside), float(bottom), float(inside)

    def spine(self, count: int, paper: str) -> float | None:
        """Thickness of a book of so many pages; None where the printer's own calculator has to
        say it.
        """
        self.by_paper("pages", paper)
        thickness = self.value("spine_per_page", {}).get(paper)
        if thickness is None:
            per_inch = self.value("spine_pages_per_inch", {}).get(paper)
            thickness = 1 / per_inch if per_inch else None
        return None if thickness is None else count * float(thickness) + float(self.value("spine_extra", 0))

    def by_paper(self, name: str, paper: str) -> Any:
        """A row that has a value for each paper."""
        values = self.value(name, {})
        if paper not in values:
            raise OptionsError(f"paper is {shown(paper)}; {self.title} has {', '.join(values)}")
        return values[paper]

    def to_mapping(self) -> dict[str, Any]:
        """All rows, ready for JSON."""
        rows = {name: {"value": row.value, "source": row.source, "seen_on": row.seen_on} for name, row in self.rows.items()}
        return {"printer": self.name, "title": self.title, "rules": rows}


def same_trim(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two sizes in inches are one."""
    return all(abs(a - b) <= SAME_TRIM_IN for a, b in zip(one, other))


def read_printers(path: str | os.PathLike[str] | None = None) -> dict[str, Printer]:
    """All printers by name; a file of the same form overrides rows, or adds printers.

    Raises OptionsError for a file that cannot be read, or a row that is none.
    """
    if path is None:
        return dict(_bundled_printers())
    tables = dict(_bundled())
    for name, table in _tables(os.fspath(path)).items():
        tables[name] = {**tables.get(name, {}), **table}
    return _printers(tables, os.fspath(path))


@cache
def _bundled_printers() -> dict[str, Printer]:
    return _printers(_bundled(), "printers.toml")


def _printers(tables: dict[str, Any], path: str) -> dict[str, Printer]:
    printers: dict[str, Printer] = {}
    for name, table in tables.items():
        like = table.get("like")
        if like is not None and like not in printers:
            raise OptionsError(f"the printer {shown(name)} is to be like {shown(like)}, which no printer before it is called")
        rows = dict(printers[like].rows) if like is not None else {}
        rows.update({row: _row(name, row, given) for row, given in table.items() if row not in ("like", "title")})
        missing = [row for row in ("bleed", "margin_outside", "margin_inside", "pages") if row not in rows]
        if missing:
            raise OptionsError(f"the printer {shown(name)} has no row {missing[0]}; {path} has to say it")
        rows.setdefault("margin_outside_bleed", rows["margin_outside"])
        printers[name] = Printer(name, str(table.get("title", name)), rows)
    return printers


def printer_of(name: Any, path: str | os.PathLike[str] | None = None) -> Printer:
    """One printer's rules, or OptionsError with the names there are."""
    printers = read_printers(path)
    if not isinstance(name, str) or name not in printers:
        raise OptionsError(f"printer is {shown(name)}; it may be {', '.join(printers)}")
    return printers[name]


@cache
def _bundled() -> dict[str, Any]:
    """linefinish's own rules, read once: it takes longer than binding 100 pages."""
    return _tables(os.path.join(os.path.dirname(__file__), "printers.toml"))


def _tables(path: str) -> dict[str, Any]:
    import tomllib

    try:
        with open(path, "rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise OptionsError(f"{path}: the printers' rules cannot be read: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise OptionsError(f"{path}: the printers' rules are no TOML: {error}") from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise OptionsError(f"{path}: {shown(name)} is no printer; a printer is a table, as in [kdp]")
    return tables


def _row(printer: str, name: str, given: Any) -> Row:
    if not isinstance(given, dict) or given.keys() != {"value", "source", "seen_on"}:
        raise OptionsError(f"{name} of the printer {printer} is no row; write {{ value = …, source = …, seen_on = 2026-01-31 }}")
    if given["source"] not in _SOURCES:
        raise OptionsError(f"{name} of the printer {printer} has the source {shown(given['source'])}; it may be {', '.join(_SOURCES)}")
    return Row(given["value"], given["source"], str(given["seen_on"]))
