"""What a form says of a print, and what findings about one mean to the person whose book it is."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import linefinish
from myjoe.provenance import made_by

# Who prints, by the names of linefinish's rules.
PRINTERS = (("kdp", "Amazon KDP, paperback"), ("kdp-hardcover", "Amazon KDP, hardcover"), ("ingramspark", "IngramSpark, paperback"),
            ("lulu", "Lulu, paperback"), ("blurb", "Blurb, trade book"), ("home", "A printer at home or around the corner"))  # fmt: skip
# The same, as a sentence goes on with them.
IN_A_SENTENCE = {name: title.replace("A printer", "a printer") for name, title in PRINTERS}
TRIMS = (("8.5x11", "8.5 × 11 in"), ("8.27x11.69", "A4, 210 × 297 mm"), ("8.5x8.5", "8.5 × 8.5 in"), ("8x10", "8 × 10 in"),
         ("7x10", "7 × 10 in"), ("8.25x11", "8.25 × 11 in"), ("8.25x8.25", "8.25 × 8.25 in"), ("6.14x9.21", "6.14 × 9.21 in"),
         ("6x9", "6 × 9 in"), ("5.5x8.5", "5.5 × 8.5 in"))  # fmt: skip
SIDES = (("single", "Drawings on right-hand pages, their backs blank"), ("double", "Drawings on both sides"))
TRIM_OF_PAPER = {"letter": "8.5x11", "a4": "8.27x11.69", "square": "8.5x8.5", "8x10": "8x10"}
TITLE_CHARS_MAX, AUTHOR_CHARS_MAX = 200, 120
# The fields of a form, and what is in them at first.
FIRST = {"printer": "kdp", "trim": "", "author": "", "sides": "single", "bleed": "", "spine": "", "cover_size": ""}
# Thickest spine, and longest side of a cover, in inches: twice what any printer binds.
SPINE_IN_MAX, COVER_IN_MAX = 5.0, 60.0
_LENGTH = r"(\d{1,4}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(in|inch|inches|mm|cm|[\"″”])?"
_INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54}

# How many pages of a finding are shown: all that the export has of what must be changed or looked
# at, and some of what is only good to know.
NOTES_SHOWN_MAX = 4
# By the code of a finding: what it says, where its own words are for who made the file.
WORDS = {"region": "Some areas to colour are less than 2 mm across."}
# By the code of a finding: what to do about it.
TOO_FEW = "Have more pages drawn, or choose a printer that takes thinner books."
TOO_MANY = "Make two books of it, or choose drawings on both sides."
ADVICE = {
    "twice": "Draw one of the two again.",
    "solid": "Draw the page again: it would be one black area.",
    "empty": "Draw the page again.",
    "stroke-width": "Fine lines may break in print.",
    "region": "Areas that small are hard to colour. For young children, draw these pages again with fewer details.",
    "shape": "Another trim may fit these pages better.",
    "trim": "Choose a size that this printer offers.",
    "unfit": "Change the order, and bind it again.",
    "unreadable": "Draw this page again.",
    "cover": "Its interior is fine. Write what the printer's calculator or template says below the size of the book, and bind it again.",
    "cover-size": "Ask the printer's calculator again, for this count of pages.",
    "spine-text": "Thin books have a blank spine. There is nothing to do.",
    "bleed": "Bind it without bleed: these drawings do not reach the edges.",
    "margin": "Bind it without bleed, or in another trim.",
    "gutter": "Bind it without bleed, or in another trim.",
}  # fmt: skip
LEVELS = {"fail": "To be changed", "warn": "Worth a look", "note": "Good to know"}


def print_of(given: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of a print, as the database takes it; what it leaves open is not said."""
    said: dict[str, Any] = {name: given[name] for name in ("printer", "trim", "title", "author") if given.get(name)}
    said["bleed"] = bool(given.get("bleed"))
    if given.get("sides"):
        said["single_sided"] = given["sides"] == "single"
    if spine := length_in(given.get("spine", "")):
        said["spine"] = _written(spine)
    if size := size_in(given.get("cover_size", "")):
        said["cover_size"] = "x".join(map(_written, size))
    return said


def length_in(text: str) -> float | None:
    """A length as people write it, in inches where they name no unit: "0.245", "6,2 mm"."""
    found = re.fullmatch(_LENGTH, text.strip(), re.IGNORECASE)
    return _inches(found[1], found[2]) if found else None


def size_in(text: str) -> tuple[float, float] | None:
    """Width and height in inches: "13.9 x 10.42 in", "353 × 264.7 mm"."""
    found = re.fullmatch(rf"{_LENGTH}\s*[x×*]\s*{_LENGTH}", text.strip(), re.IGNORECASE)
    return (_inches(found[1], found[2] or found[4]), _inches(found[3], found[4] or found[2])) if found else None


def _inches(number: str, unit: str | None) -> float:
    return float(number.replace(",", ".")) * _INCHES.get((unit or "in").lower(), 1.0)


def _written(inches: float) -> str:
    return f"{inches:.4f}".rstrip("0").rstrip(".")


def mistakes_in(given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what a form says of a print, by the names of its fields."""
    choices = {"printer": PRINTERS, "trim": TRIMS, "sides": SIDES}
    wrong = {name: "Choose one of these." for name, of in choices.items() if given.get(name) and given[name] not in dict(of)}
    lengths = {"title": TITLE_CHARS_MAX, "author": AUTHOR_CHARS_MAX}
    wrong |= {name: f"{most} characters are the most." for name, most in lengths.items() if len(given.get(name, "")) > most}
    wrong |= {name: "One line is the most." for name in lengths if "\n" in given.get(name, "")}
    if given.get("spine") and not 0.01 <= (length_in(given["spine"]) or 0.0) <= SPINE_IN_MAX:
        wrong["spine"] = "Write a width such as 0.245 in or 6.2 mm."
    if given.get("cover_size") and not all(1 <= side <= COVER_IN_MAX for side in size_in(given["cover_size"]) or (0.0,)):
        wrong["cover_size"] = "Write width and height, such as 13.9 × 10.4 in."
    return wrong


def as_given(run: Mapping[str, Any]) -> dict[str, str]:
    """What a run's order says of its print, as the fields of a form: whole, with its defaults."""
    said = run["print"] if isinstance(run["print"], Mapping) else {}
    return {
        "printer": said.get("printer", FIRST["printer"]), "trim": said.get("trim") or TRIM_OF_PAPER.get(run["paper"] or "", "8.5x11"),
        "title": said.get("title") or run["title"] or "", "author": said.get("author", ""),
        "sides": "single" if said.get("single_sided", True) else "double", "bleed": "on" if said.get("bleed") else "",
        "spine": said.get("spine", ""), "cover_size": said.get("cover_size", ""),
    }  # fmt: skip


def answers(pages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What to say where somebody asks about AI: {"kdp", "etsy", "drawn_by"}, from what each page
    records of its provider, its model, and whether a person edited it.
    """
    pages = list(pages)
    drawn = Counter(f"{page['provider']} ({page['model']})" for page in pages if page["provider"])
    statements = linefinish.ai_statements([made_by(page["provider"], page["edited"]) for page in pages])
    return {**statements, "drawn_by": dict(drawn.most_common())}


def findings(export: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a printer would say to an export, in sections by how much it matters: {"level", "label",
    "found"}, each found with its sentence, what to do, and the pages concerned: {"page" (of the
    book), "title", "job" (that drew it), "picture" (a file of the export)}.
    """
    drawn = export["drawn"]
    sections = []
    for level, label in LEVELS.items():
        found = [
            {**one, "text": WORDS.get(one["code"], one["text"]), "advice": _advice(one), "shown": _shown(one, drawn, export["files"])}
            for one in export["report"].get("findings", []) if one.get("level") == level
        ]  # fmt: skip
        if found:
            sections.append({"level": level, "label": label, "found": found})
    return sections


def _advice(one: Mapping[str, Any]) -> str:
    if one["code"] == "page-count":
        return TOO_FEW if "fewer" in one["text"] else TOO_MANY
    return ADVICE.get(one["code"], "")


def _shown(one: Mapping[str, Any], drawn: Mapping[str, Any], files: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown = []
    for page, drawing in zip(one.get("pages", ()), one.get("drawings", ())):
        name, about = f"page-{page:03}.png", drawn.get(str(drawing), {})
        if name in files:
            shown.append({"page": page, "picture": name, "title": about.get("title") or "", "job": about.get("job")})
    return shown[:NOTES_SHOWN_MAX] if one["level"] == "note" else shown
