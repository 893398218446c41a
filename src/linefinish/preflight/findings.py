"""`Finding`: what keeps a book from the printer, or is worth a look, in plain words."""
from __future__ import annotations

from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FAIL, WARN, NOTE = "fail", "warn", "note"


@record(eq=True)
class Finding:
    """One finding.

    level  "fail": the printer would refuse it; "warn": look at it; "note": done, and worth
           knowing
    code   a word for programs, as in "page-count"
    text   a sentence for people
    page   of the book, from 1, or None where it is about the whole
    source the file that it is about, or ""
    """

    level: str
    code: str
    text: str
    page: int | None = None
    source: str = ""

    def line(self) -> str:
        """One line for people."""
        where = f"page {self.page}: " if self.page is not None else ""
        return f"{self.level.upper():<4}  {where}{self.source + ': ' if self.source else ''}{self.text}"

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"level": self.level, "code": self.code, "text": self.text, "page": self.page, "source": self.source}


def is_ready(findings: Iterable[Finding], strict: bool = False) -> bool:
    """Whether nothing fails, and nothing is warned of where that counts."""
    return not any(finding.level == FAIL or strict and finding.level == WARN for finding in findings)
