"""EPS as drawing programs write it: paths, plain colours, and procedures made of nothing else.

PostScript is a programming language, so in general nobody can know what a file paints without
running it. Here it is run as far as it is plain: `_Machine` knows the top of the stack where it was
written out, which names are bound by a definition that has been carried out, and gives up on the
rest. What it does not know exactly it does not use: a colour must be written out where it is set, a
name must be bound where it is called, and an operator that is not known here cannot be verified.
"""
from __future__ import annotations

import re

from linefinish.verifiers import postscript
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes of program text; drawings have a few MB.
TEXT_BYTES_MAX = 1 << 26
# Procedures in procedures, by their braces or by their calls; drawing programs have five.
_DEPTH_MAX = 50
# Steps inside of procedures for each token of the program, and some more: procedures that call one
# another twice would take for ever.
_STEPS_PER_TOKEN, _STEPS_FREE = 30, 100_000

# Operators that take numbers off the stack and put numbers on it: they can set no colour, and bind
# no name. What they leave counts as computed.
_OPERATORS = frozenset((
    b"moveto", b"rmoveto", b"lineto", b"rlineto", b"curveto", b"rcurveto", b"arc", b"arcn", b"arct", b"closepath", b"newpath", b"clip",
    b"eoclip", b"rectclip", b"rectfill", b"rectstroke", b"fill", b"eofill", b"stroke", b"gsave", b"grestore", b"translate", b"scale",
    b"rotate", b"concat", b"setlinewidth", b"setlinecap", b"setlinejoin", b"setmiterlimit", b"setdash", b"setflat", b"showpage", b"neg",
    b"mul", b"div", b"add", b"sub", b"true", b"false", b"roll", b"copy", b"index", b"abs", b"eq", b"ne", b"le", b"lt", b"ge", b"gt",
    b"cvi", b"cvr", b"null", b"initclip", b"setstrokeadjust", b"matrix", b"currentmatrix", b"setmatrix", b"currentpoint",
))  # fmt: skip
_COLOURS = {b"setgray": 1, b"setrgbcolor": 3, b"setcmykcolor": 4}
# Operators that the machine carries out.
_HANDLED = frozenset((b"bind", b"def", b"load", b"begin", b"end", b"dict", b"exch", b"pop", b"dup", b"if", b"ifelse", b"cvx", b"userdict",
                      b"save", b"restore"))  # fmt: skip
_KNOWN = _OPERATORS | _HANDLED | frozenset(_COLOURS)
_BOX = re.compile(rb"%BoundingBox:\s*(-?\d{1,7})\s+(-?\d{1,7})\s+(-?\d{1,7})\s+(-?\d{1,7})")
# Comments that some program acts upon: a preview picture, or what another one is to put there.
_ACTING_COMMENTS = (b"%BeginPreview", b"%Include", b"%BeginBinary", b"%BeginData", b"%BeginDocument")

# An array that was made executable puts all its items on the stack when its name is called.
_UNKNOWN, _MARK, _ARRAY, _EXECUTABLE, _SAVED, _TEXT = (object() for _ in range(6))


class _EndlessError(DamagedError):
    """Procedures call one another without end: trying it otherwise would only take longer."""


class _Literal:
    """`/name` on the stack."""

    __slots__ = ("name",)

    def __init__(self, name: bytes) -> None:
        self.name = name


class _Operator(_Literal):
    """An operator on the stack, by `load`."""


class _Procedure:
    """`{…}`: its items, and what is known of it. `free` are the names that `bind` found unbound: if
    they are operators that are not known here, they are bound now and for ever.
    """

    __slots__ = ("free", "items", "settled")

    def __init__(self, items: list[tuple[str, Any, int]]) -> None:
        self.items = items
        self.free: set[bytes] = set()
        self.settled = -1, -1  # under which bindings it was found to need nothing from the stack, and to bind nothing new


def check(data: memoryview, facts: Facts) -> None:
    """Quiet if every word of the program is a path operator, a pure colour or a
    procedure of such.
    """
    facts.detail = "vector"
    if len(data) > TEXT_BYTES_MAX:
        raise DamagedError(f"more than {TEXT_BYTES_MAX >> 20} MiB of program")
    text = bytes(data)
    if not text[-4096:].rstrip(b"\0\x04 \t\r\n").endswith(b"%%EOF"):
        raise DamagedError("truncated: no %%EOF")
    machine = _Machine()
    nested: list[tuple[list[tuple[str, Any, int]], int]] = []  # the procedures whose braces are open
    ended = False
    at = 0
    while True:
        if not nested and not machine.top:
            while (call := postscript.CALL.match(text, at)) and machine.is_quiet(call[1]):
                at = call.end()
                ended = False
        found = postscript.token_at(text, at)
        if found is None:
            break
        kind, token, at = found
        if kind == "comment":
            if box := _BOX.match(token):
                left, bottom, right, top = map(int, box.groups())
                facts.detail = f"vector, {right - left} × {top - bottom} pt"
            elif token.startswith(_ACTING_COMMENTS):
                raise DamagedError(f"cannot be verified: %{shown(token)}, byte {at}")
            ended = token.rstrip(b" \t\x04") == b"%EOF"
            continue
        ended = False
        if token == b"{" and kind == "bracket":
            nested.append(([], at))
            if len(nested) > _DEPTH_MAX:
                raise DamagedError(f"the braces do not match, byte {at}")
            continue
        if token == b"}" and kind == "bracket":
            if not nested:
                raise DamagedError(f"the braces do not match, byte {at}")
            items, _ = nested.pop()
            kind, token = "procedure", _Procedure(items)  # type: ignore[assignment]
        if nested:
            nested[-1][0].append((kind, token, at))
        else:
            machine.steps_max += _STEPS_PER_TOKEN
            machine.step(kind, token, at, None)
    if nested:
        raise DamagedError("the braces do not match")
    if not ended:
        raise DamagedError("truncated: no %%EOF")


class _Machine:
    """What is known while the program runs."""

    def __init__(self) -> None:
        self.top: list[Any] = []  # the top of the stack, as far as it is known; numbers as they were written
        self.user: dict[bytes, Any] = {}
        self.dictionaries = [self.user]
        self.every = [self.user]  # also those that are not on the stack
        self.saved: list[dict[bytes, Any]] | None = None  # their entries at the first `save`
        self.loose: set[bytes] = set()  # names of one letter that lie somewhere on the stack
        self.epoch = 0  # counts the changes of bindings
        self.quiet: set[bytes] = set()
        self.quiet_under = -1, -1
        self.depth = 0
        self.steps = 0
        self.steps_max = _STEPS_FREE
        self.bindings = 0  # what was bound or unbound so far, also to the same

    def unverified(self, what: str, at: int) -> DamagedError:
        return DamagedError(f"cannot be verified: {what}, byte {at}")

    def is_quiet(self, name: bytes) -> bool:
        """Whether a name, with numbers before it, paints in the colour that is set, binds nothing,
        and needs nothing else.
        """
        if self.quiet_under != (self.epoch, len(self.loose)):
            self.quiet_under = self.epoch, len(self.loose)
            self.quiet.clear()
        if name not in self.quiet:
            value = next((names[name] for names in reversed(self.dictionaries) if name in names), None)
            if not (name in _OPERATORS if value is None else isinstance(value, _Procedure) and value.settled == self.quiet_under):
                return False
            self.quiet.add(name)
        return True

    def step(self, kind: str, token: Any, at: int, inside: _Procedure | None) -> None:
        """One token; `inside` is the procedure that it stands in."""
        if kind == "number" or kind == "procedure":
            self.top.append(token)
        elif kind == "name":
            self.name(token, at, inside)
        elif kind == "literal":
            self.top.append(_Literal(token))
        elif kind == "bracket":
            if token == b"[":
                self.top.append(_MARK)
            else:
                self.forget(at)
                self.top.append(_ARRAY)
        else:
            self.top.append(_TEXT)
        if len(self.top) > 1000:
            raise self.unverified("a thousand operands", at)

    def name(self, name: bytes, at: int, inside: _Procedure | None) -> None:
        """A name that is carried out."""
        for dictionary in reversed(self.dictionaries):
            if name in dictionary:
                if inside is not None and name in inside.free and len(name) > 1:
                    raise self.unverified(f"{shown(name)}, which was bound before it was defined", at)
                self.call(dictionary[name], at)
                return
        if name in _COLOURS:
            self.colour(name, at)
        elif name in _HANDLED:
            getattr(self, f"do_{name.decode()}")(at)
        elif name in _OPERATORS:
            self.forget(at)
        else:
            raise self.unverified(f"the operator {shown(name)}", at)

    def call(self, value: Any, at: int) -> None:
        """The value of a name: a procedure is run, everything else comes onto the stack."""
        if isinstance(value, _Operator):
            self.name(value.name, at, None)
        elif isinstance(value, _Procedure):
            if value.settled != (self.epoch, len(self.loose)) or any(type(item) is not bytes for item in self.top):
                self.run(value, at)
            else:  # it needs nothing from the stack, and binds nothing
                self.top.clear()
        elif value is _EXECUTABLE:
            self.forget(at)
        else:
            self.top.append(value if isinstance(value, dict) else _UNKNOWN)  # also a number: what a variable holds counts as computed

    def run(self, procedure: _Procedure, at: int) -> None:
        """A procedure: once with nothing known below it; else with what is known."""
        self.depth += 1
        if self.depth > _DEPTH_MAX:
            raise _EndlessError(f"cannot be verified: more than {_DEPTH_MAX} procedures in one another, byte {at}")
        top, bindings, loose, depth = list(self.top), self.bindings, set(self.loose), self.depth
        try:
            self.forget(at)
            self.body(procedure)
            if self.bindings == bindings and not self.top:
                procedure.settled = self.epoch, len(self.loose)
        except _EndlessError:
            raise
        except (DamagedError, GrayError):
            if self.bindings != bindings or not top:
                raise
            self.top, self.loose, self.depth = top, loose, depth
            self.body(procedure)
        self.depth -= 1

    def body(self, procedure: _Procedure) -> None:
        self.work(len(procedure.items) + 1)
        for kind, token, at in procedure.items:
            self.step(kind, token, at, procedure)

    def work(self, steps: int) -> None:
        """Count what is done; a program of a given length may take so much of it."""
        self.steps += steps
        if self.steps > self.steps_max:
            raise _EndlessError("cannot be verified: its procedures call one another too often")

    def forget(self, at: int) -> None:
        """Something takes from the stack what it takes. What must not be lost sight of is a
        procedure, a dictionary, or a name: it could be bound by who finds it.
        """
        for item in self.top:
            if type(item) is bytes or item is _UNKNOWN or item is _MARK or item is _ARRAY or item is _EXECUTABLE or item is _SAVED:
                continue
            if type(item) is _Literal and len(item.name) == 1:
                self.loose.add(item.name)  # no operator has a name of one letter
            else:
                raise self.unverified(f"{'/' + shown(item.name) if isinstance(item, _Literal) else 'a procedure'} as data", at)
        self.top.clear()

    def colour(self, operator: bytes, at: int) -> None:
        """A colour must be written out, and be pure."""
        count = _COLOURS[operator]
        operands = self.top[-count:]
        if len(operands) < count or not all(type(item) is bytes for item in operands):
            raise self.unverified(f"{operator.decode()} takes a computed colour", at)
        values = [float(word) for word in operands]
        pure = values in ([0, 0, 0, 0], [0, 0, 0, 1]) if count == 4 else values in ([0] * count, [1] * count)
        if not pure:
            told = " ".join(shown(word) for word in operands)
            raise GrayError(f"{told} {operator.decode()} at byte {at}", (operator.decode(), at))
        del self.top[-count:]

    # --- operators that bind names, or move what is bound to them
    # ------------------------------------------------------------

    def taken(self, kind: Any) -> Any:
        """The top of the stack, taken off it, if it is known and of a kind; else None."""
        return self.top.pop() if self.top and isinstance(self.top[-1], kind) else None

    def define(self, name: bytes, value: Any, at: int) -> None:
        if name in _KNOWN:
            raise self.unverified(f"it gives {shown(name)} another meaning", at)
        self.bindings += 1
        if self.dictionaries[-1].get(name) is not value:
            self.dictionaries[-1][name] = value
            self.epoch += 1

    def do_def(self, at: int) -> None:
        if len(self.top) >= 2 and isinstance(self.top[-2], _Literal):
            value, key = self.top.pop(), self.top.pop()
            if isinstance(value, _Literal) and not isinstance(value, _Operator):
                raise self.unverified(f"/{shown(value.name)} as data", at)
            is_kept = isinstance(value, (_Procedure, _Operator, dict)) or value is _EXECUTABLE
            self.define(key.name, value if is_kept else _UNKNOWN, at)
            return
        if any(not (item in (_ARRAY, _EXECUTABLE, _UNKNOWN) or type(item) is bytes) for item in self.top):
            raise self.unverified("a definition of a computed name", at)
        self.forget(at)  # what is bound, to a name of one letter, may be an array that is carried out
        for name in self.loose:
            if any(names.get(name, _EXECUTABLE) not in (_EXECUTABLE, _UNKNOWN) for names in self.dictionaries):
                raise self.unverified("a definition of a computed name", at)
            self.define(name, _EXECUTABLE, at)
        self.bindings -= len(self.loose)  # to the same, whenever it runs again

    def do_bind(self, at: int) -> None:
        if not (self.top and isinstance(self.top[-1], _Procedure)):
            raise self.unverified("bind of what is no procedure", at)
        waiting = [self.top[-1]]
        while waiting:
            procedure = waiting.pop()
            self.work(len(procedure.items))
            for kind, token, _ in procedure.items:
                if kind == "procedure":
                    waiting.append(token)
                elif kind == "name" and token not in _KNOWN and not any(token in names for names in self.dictionaries):
                    procedure.free.add(token)

    def do_load(self, at: int) -> None:
        key = self.taken(_Literal)
        if key is None:
            raise self.unverified("load of a computed name", at)
        for dictionary in reversed(self.dictionaries):
            if key.name in dictionary:
                self.top.append(dictionary[key.name])
                return
        if key.name not in _KNOWN:
            raise self.unverified(f"the operator {shown(key.name)}", at)
        self.top.append(_Operator(key.name))

    def do_dict(self, at: int) -> None:
        if not (self.top and type(self.top[-1]) is bytes):
            self.forget(at)
        else:
            self.top.pop()
        if len(self.every) >= 1000:
            raise self.unverified("a thousand dictionaries", at)
        self.every.append({})
        self.top.append(self.every[-1])

    def do_userdict(self, _at: int) -> None:
        self.top.append(self.user)

    def do_begin(self, at: int) -> None:
        dictionary = self.top[-1] if self.top and isinstance(self.top[-1], dict) else None
        if dictionary is None:
            raise self.unverified("begin with a computed dictionary", at)
        self.top.pop()
        self.dictionaries.append(dictionary)
        if len(self.dictionaries) > _DEPTH_MAX:
            raise self.unverified("dictionaries in one another", at)
        self.epoch += 1
        self.bindings += 1

    def do_end(self, at: int) -> None:
        if len(self.dictionaries) < 2:
            raise self.unverified("end without begin", at)
        self.dictionaries.pop()
        self.epoch += 1
        self.bindings += 1

    def do_save(self, _at: int) -> None:
        if self.saved is None:
            self.saved = [dict(names) for names in self.every]
        self.bindings += 1
        self.top.append(_SAVED)

    def do_restore(self, at: int) -> None:
        """Bindings made since a `save` are undone; since which, lies on the stack. What has changed
        since the first one counts as not bound.
        """
        self.forget(at)
        self.work(sum(map(len, self.every)))
        if self.saved is None:
            raise self.unverified("restore without save", at)
        before = self.saved + [{}] * (len(self.every) - len(self.saved))
        for names, old in zip(self.every, before, strict=True):
            for name in [name for name in names if old.get(name) is not names[name]]:
                del names[name]
        self.epoch += 1
        self.bindings += 1

    def do_exch(self, at: int) -> None:
        if not self.top:
            return
        if len(self.top) == 1:
            self.top.insert(0, _UNKNOWN)
        self.top[-2:] = self.top[:-3:-1]

    def do_pop(self, _at: int) -> None:
        if self.top:
            self.top.pop()

    def do_dup(self, _at: int) -> None:
        if self.top:
            self.top.append(self.top[-1])

    def do_cvx(self, at: int) -> None:
        if not (self.top and (self.top[-1] is _ARRAY or isinstance(self.top[-1], _Procedure))):
            raise self.unverified("cvx of what is no array", at)
        if self.top[-1] is _ARRAY:
            self.top[-1] = _EXECUTABLE

    def do_if(self, at: int) -> None:
        self.choose(1, at)

    def do_ifelse(self, at: int) -> None:
        self.choose(2, at)

    def choose(self, count: int, at: int) -> None:
        """Procedures that may run or not: none of them may bind anything."""
        choices = self.top[-count:]
        if len(choices) < count or not all(isinstance(choice, _Procedure) for choice in choices):
            raise self.unverified("a choice between what is computed", at)
        del self.top[-count:]
        bindings = self.bindings
        for choice in choices:
            self.forget(at)
            self.depth += 1
            if self.depth > _DEPTH_MAX:
                raise _EndlessError(f"cannot be verified: more than {_DEPTH_MAX} procedures in one another, byte {at}")
            self.body(choice)
            self.depth -= 1
            self.forget(at)
        if self.bindings != bindings:
            raise self.unverified("a definition that depends on a condition", at)
