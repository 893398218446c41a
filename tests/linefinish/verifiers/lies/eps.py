"""Operators that are reached by other names, comments that end elsewhere."""
from __future__ import annotations

from collections.abc import Iterator

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"
FILL = b" 10 10 80 80 rectfill\nshowpage\n%%EOF\n"


def epss() -> Iterator[tuple[str, bytes]]:
    """Programs whose operators are reached by other names, or whose comments end elsewhere."""
    bodies = {
        "setgray": b"0.5 setgray",
        "form-feed": b"% x\x0c0.5 setgray",
        "cr": b"% x\r0.5 setgray",
        "literal": b"/setcolor pop [/DeviceGray] setcolorspace 0.5 setcolor",
        "literal-space": b"/setcolor pop /setcolorspace pop /DeviceGray pop [/DeviceGray] setcolorspace 0.5 setcolor",
        "sethsb": b"/sethsbcolor pop 0 0 .5 sethsbcolor",
        "dictionary": b"5 dict begin /sethsbcolor {pop} def end 0 0 .5 sethsbcolor",
        "restore": b"save /sethsbcolor {pop} def restore 0 0 .5 sethsbcolor",
        "bind": b"/p {sethsbcolor} bind def /sethsbcolor {pop pop pop} def 0 0 .5 p",
        "load": b"/g /setgray load def .5 g",
        "exec": b".5 /setgray cvx exec",
        "alias": b"/g {setgray} bind def .5 g",
        "computed": b"1 2 div setgray",
        "index": b"0 .5 1 index pop setgray",
        "exch": b".5 0 exch setgray",
        "dup": b".5 dup setgray",
        "roll": b".5 0 2 1 roll setgray",
        "variable": b"/x .5 def x setgray",
        "if": b"true {.5 setgray} if",
        "ifelse": b"false {0 setgray}{.5 setgray} ifelse",
        "condition-binds": b"false {/sethsbcolor {pop} def} if 0 0 .5 sethsbcolor",
        "transfer": b"/settransfer pop {pop .5} settransfer 0 setgray",
        "put": b"userdict /g {0.5 setgray} put g",
        "store": b"/g {0.5 setgray} store g",
        "array": b"[.5 /setgray cvx] cvx exec",
        "string": b"(.5 setgray) cvx exec",
        "token": b"(.5 setgray) token pop exch pop exec",
        "currentfile": b"currentfile cvx exec .5 setgray",
        "repeat": b"1 {.5 setgray} repeat",
        "for": b"1 1 1 {pop .5 setgray} for",
        "stopped": b"{.5 setgray} stopped pop",
        "forall": b"[.5] {setgray} forall",
        "immediate": b".5 //setgray exec",
        "radix": b"/x 16#1 def .5 setgray",
        "swap": b"/a {.5} def /b {0} def a setgray",
        "shadow": b"/d {exch def} def /g {.5 setgray} /x exch def x g",
        "loose": b"/x {.5 setgray} def /y 0 x",
        "late": b"/a {b} def /b {0 setgray} def a /b {.5 setgray} def a",
        "late-settled": b"/b {0 setgray} def /a {b fill} def a a /b {.5 setgray} def a",
        "in-dictionary": b"/d 5 dict def d begin /c {.5 setgray} def end /c {0 setgray} def d begin c end",
        "known": b"systemdict /setgray known {.5 setgray} if",
        "where": b"/setgray where {pop .5 setgray} if",
        "image": b"80 80 scale 1 1 8 [1 0 0 1 0 0] {<80>} image",
        "pattern": b"/x 1 def .5 .5 .5 setrgbcolor",
        "cmyk": b"0 0 0 .5 setcmykcolor",
        "pipe": b"(%pipe%x) run .5 setgray",
        "choice-swaps": b"0 .5 1 2 lt {exch} if pop setgray",
        "brace-comment": b"{%}\n} pop .5 setgray",
        "string-comment": b"(%) pop .5 setgray",
        "ctrl-d": b"0 setgray\x04 .5 setgray",
        "save-loose": b"save /b {0 setgray} def restore .5 setgray",
        "twice": b"0 setgray 0 0 1 1 rectfill .5 setgray",
        # An array that is carried out puts down as many as it has.
        "array-pop": b"/x [0.5 0] cvx def 0 x pop setgray",
        "array-exch": b"/x [0.5 1] cvx def 0 x exch setgray",
        "array-empty": b"0.5 /x [] cvx def 0 x pop setgray",
        "array-colour": b"/x [.5 .5 .5 0] cvx def 0 0 0 x pop setrgbcolor",
        "array-loose": b"/s {[4 2 roll] cvx def} def 0.5 0 /x s 0 x pop setgray",
        "array-load": b"/x [0.5 0] cvx def /y /x load def 0 y pop setgray",
        "undefined": b"/b 1 dict def b begin /b {.5 setgray} def b",
    }
    for name, body in bodies.items():
        yield f"eps-{name}", EPS + body + FILL
