"""Forms as a browser without script sends them: what a page's form holds, with some fields filled
in.
"""
from __future__ import annotations

from html.parser import HTMLParser

import httpx2


class _Forms(HTMLParser):
    """The forms of a page: their addresses, and the fields with what is in them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._inside = False
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
            self._inside = True
        elif self._inside and tag == "textarea":
            self._text = given.get("name", ""), []
        elif self._inside and tag == "input" and given.get("name") and given.get("type") not in ("checkbox", "radio"):
            self.forms[-1][1].append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            name, parts = self._text
            text = "".join(parts)
            # A parser of HTML drops the line break behind the tag.
            self.forms[-1][1].append((name, text.removeprefix("\n")))
            self._text = None
        elif tag == "form":
            self._inside = False


def forms_of(page: httpx2.Response) -> dict[str, dict[str, str]]:
    """The forms of a page by their addresses: the fields and what is in them."""
    parser = _Forms()
    parser.feed(page.text)
    return {action: dict(fields) for action, fields in parser.forms}


def send(client: httpx2.Client, page: httpx2.Response, action: str, **filled: str) -> httpx2.Response:
    """Send the page's form for this address with some fields filled in; the answer, and where it
    leads is not gone to.
    """
    forms = forms_of(page)
    assert action in forms, f"the page has no form for {action}: {sorted(forms)}"
    return client.post(action, data={**forms[action], **filled})
