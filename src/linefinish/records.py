"""`record`: frozen dataclasses without the import of `dataclasses`, which costs a cold process 15
ms of its 30.

To type checkers and editors `record` *is* `dataclasses.dataclass(frozen=True)`. At run time it
makes the same constructor (fields in order, by position or name, defaults, `__post_init__`),
refuses assignment, and compares by value where `eq=True`. Records can be pickled, buffers in them
too, so that processes may hand them to one another.
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar, dataclass_transform, overload

    T = TypeVar("T")

    # Overloads and no Any: pyright takes a class that came through Any for Any.
    @overload
    @dataclass_transform(frozen_default=True)
    def record(cls: type[T], /) -> type[T]: ...
    @overload
    @dataclass_transform(frozen_default=True, eq_default=True)
    def record(*, eq: bool) -> Callable[[type[T]], type[T]]: ...
    def record(cls: Any = None, *, eq: bool = False) -> Any: ...

else:

    def record(cls=None, *, eq=False):
        """Make a class with annotated fields a frozen record."""
        if cls is None:
            return lambda cls: record(cls, eq=eq)
        names = tuple(cls.__annotations__)
        known = set(names)
        defaults = {name: getattr(cls, name) for name in names if name in cls.__dict__}

        def __init__(self, *args, **given):
            values = self.__dict__
            values.update(defaults)
            values.update(zip(names, args))
            values.update(given)
            if values.keys() != known or len(args) > len(names):
                refuse(args, values)
            check = getattr(self, "__post_init__", None)
            if check:
                check()

        def refuse(args, values):
            if len(args) > len(names):
                raise TypeError(f"{cls.__name__} takes {len(names)} values, got {len(args)}")
            for name in names:
                if name not in values:
                    raise TypeError(f"{cls.__name__} needs {name}")
            odd = next(name for name in values if name not in known)
            called = getattr(cls, "also_called", {}).get(odd)
            raise TypeError(f"{cls.__name__} has no {odd}{f'; it is called {called} here' if called else nearest(odd, names)}")

        def __setattr__(self, name, _value):
            raise AttributeError(f"{cls.__name__} is frozen; cannot set {name}")

        def __repr__(self):
            return f"{cls.__name__}({', '.join(f'{name}={_short(getattr(self, name))}' for name in names)})"

        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in names)

        def __hash__(self):
            return hash(tuple(getattr(self, name) for name in names))

        def __reduce__(self):
            values = [getattr(self, name) for name in names]
            formats = [value.format if isinstance(value, memoryview) else "" for value in values]
            packed = [value.tobytes() if format else value for value, format in zip(values, formats)]
            return _unpickled, (type(self), packed, formats)

        cls.__reduce__ = __reduce__
        cls.__init__, cls.__setattr__, cls.__repr__, cls.__delattr__ = __init__, __setattr__, __repr__, __setattr__
        cls.__match_args__ = names
        if eq:
            cls.__eq__, cls.__hash__ = __eq__, __hash__
        return cls

    def _unpickled(cls, packed, formats):
        return cls(*(memoryview(bytearray(value)).cast(format) if format else value for value, format in zip(packed, formats)))

    def _short(value):
        return f"<{value.nbytes} bytes>" if isinstance(value, memoryview) else repr(value)


def nearest(name: Any, names: Sequence[str]) -> str:
    """"; did you mean …?" with the nearest of some names, or "" where none is near."""
    near = nearest_of(name, names)
    return f"; did you mean {near}?" if near else ""


def nearest_of(name: Any, names: Sequence[str]) -> str:
    """The nearest of some names, by its letters or by a word that it shares; "" where none is."""
    import difflib  # who errs pays for it

    if not isinstance(name, str):
        return ""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    words = {word for word in name.replace("-", "_").split("_") if len(word) > 2}
    return near[0] if near else next((other for other in names if words & {*other.replace("-", "_").split("_")}), "")


def fields(record_type: Any) -> tuple[str, ...]:
    """The field names of a record or its type, in order."""
    return tuple(record_type.__match_args__)


def trusted(record_type: type[T], *values: Any) -> T:
    """A record whose maker answers for its values, in order: nothing is checked. Who makes one by
    its own name has it checked.
    """
    made = object.__new__(record_type)
    made.__dict__.update(zip(record_type.__match_args__, values))  # type: ignore[attr-defined]
    return made


def altered(value: T, **changes: Any) -> T:
    """The same record with some fields changed, unchecked as by `trusted`."""
    made = object.__new__(type(value))
    made.__dict__.update(value.__dict__)
    made.__dict__.update(changes)
    return made


def replace(value: T, **changes: Any) -> T:
    """The same record with some fields changed."""
    current = {name: getattr(value, name) for name in fields(value)}
    return type(value)(**{**current, **changes})
