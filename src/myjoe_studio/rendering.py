"""HTML from the package's templates: escaped by default, and a name that is not there is an error
and not an empty place.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from myjoe.formatting import counted, credits, short, span
from myjoe_studio.static_files import StaticFiles


class Templates:
    """The templates, with what every page may use: `static(name)` for a file's address, and the
    filters `counted`, `credits`, `money`, `size`, `day`, `moment`, `span`, `short`.
    """

    def __init__(self, static: StaticFiles, **everywhere: Any) -> None:
        self._environment = Environment(
            loader=PackageLoader("myjoe_studio", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._environment.globals.update(static=static.address, **everywhere)
        self._environment.filters.update(
            counted=counted, credits=credits, money=money, size=size, day=day, moment=moment, span=span, short=short
        )

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """The page that a template gives with these values."""
        return self._environment.get_template(name).render(values)


def money(cents: int, currency: str = "usd") -> str:
    """An amount in a currency's hundredths: 999 is $9.99."""
    sign = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{'−' if cents < 0 else ''}{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def size(count: int) -> str:
    """So many bytes: 4 kB, 1.2 MB."""
    return f"{max(1, round(count / 1000)):,} kB" if count < 100_000 else f"{count / 1_000_000:,.1f} MB"


def day(when: str | datetime) -> str:
    """A date as a person writes it: 3 December 2026."""
    then = _parsed(when)
    return f"{then.day} {then:%B %Y}"


def moment(when: str | datetime) -> str:
    """A date and time, in UTC: 3 December 2026, 14:05 UTC."""
    return f"{day(when)}, {_parsed(when):%H:%M} UTC"


def _parsed(when: str | datetime) -> datetime:
    return (when if isinstance(when, datetime) else datetime.fromisoformat(when)).astimezone(UTC)
