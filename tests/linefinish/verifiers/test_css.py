"""CSS by its tokens: what all readers read alike, and nothing else."""

from __future__ import annotations

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st

from linefinish.verifiers import css
from linefinish.verifiers.verdict import DamagedError

PIECES = st.sampled_from(
    [
        "fill",
        ":",
        ";",
        "{",
        "}",
        "black",
        "gray",
        '"a"',
        "'b;'",
        '"/*"',
        "/*",
        "*/",
        "/* x */",
        "\\67 ray",
        "url(#a)",
        "url(",
        ")",
        "(",
        "#000",
        "!important",
        " ",
        "\n",
        "@media",
        "<!--",
        "-->",
        ".a",
        "5px",
        "1e3",
        "--x",
        "-",
        "\f",
        "é",
        '"',
        "'",
    ]
)


def declared(text: str) -> list[tuple[str, str]]:
    return [(name, css.text_of(value)) for name, value in css.declarations(text)]


def test_declarations() -> None:
    assert declared("fill : #000 ; stroke:none!important;;font-family:'A B', sans ") == [
        ("fill", "#000"), ("stroke", "none"), ("font-family", "'A B', sans"),
    ]  # fmt: skip
    assert declared("/* a */ FILL:/* b */black") == [("fill", "black")]
    assert declared("fill:bl/**/ack") == [("fill", "bl ack")]


@pytest.mark.parametrize(
    "text",
    [
        "fill",
        "fill:black}x:y",
        "fill:{gray}",
        "font:'a;b'",
        'font:"/*";fill:gray;x:"*/"',
        "f\\69ll:gray",
        "a:b /* ;c:d */",
        "a:'b",
        "a:b<!--",
        "a:url(x y",
        "@a:b",
        "a b:c",
        "a:b:c",
        "a:'b\nc'",
        "a:/* b",
    ],
)
def test_what_readers_may_read_otherwise(text: str) -> None:
    with pytest.raises(DamagedError):
        declared(text)


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(DamagedError, match="characters"):
        declared("fill:#000;" * 10_000)
    with pytest.raises(DamagedError, match="tokens"):
        css.tokens(";" * 500_000)


def test_rules() -> None:
    sheet = '@charset "utf-8"; .a, #b > path:hover { fill:#000; } /* .c{fill:red} */ *[id="x"]{stroke:none}'
    assert [(name, css.text_of(value)) for name, value in css.rules(sheet)] == [("fill", "#000"), ("stroke", "none")]
    for odd in ("@import 'a';", "@media print{a{b:c}}", "a{b:c}}", "a{b:c", "a", "a{b:{c:d}}", "a{b{c:d}}", "@charset x;", "a\\{b:c}{d:e}"):
        with pytest.raises(DamagedError):
            list(css.rules(odd))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_is_let_pass_is_what_a_reader_of_the_standard_reads(text: str) -> None:
    """tinycss2 follows CSS Syntax 3."""
    try:
        ours = declared(text)
    except DamagedError:
        return
    theirs = list(tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True))
    assert [one.type for one in theirs] == ["declaration"] * len(ours)
    told = [(one.lower_name, tinycss2.serialize(one.value).strip()) for one in theirs]
    assert [name for name, _ in told] == [name for name, _ in ours]
    if "/*" not in text:
        assert told == ours
