"""Type, dtype, shape and size of what comes in. Nothing on the way of `finish` walks the data; the
records that others make by hand are walked once (`rising`, `spare_bits`, `finite`, `at_most`).
"""
from __future__ import annotations

from linefinish.errors import ImageShapeError, OptionsError
from linefinish.records import nearest, nearest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")
    F = TypeVar("F", bound=Callable[..., Any])

# Pixels along one side. Coordinates stay exact to 1/4096 px in float64 far beyond; the bound keeps
# width × height and every offset well inside an i64 and catches nonsense in a header.
SIDE_PX_MAX = 1_000_000
# Characters of a value that an error repeats. Longer ones are cut: who sent a megabyte knows it.
_SHOWN_CHARACTERS = 80
# Formats of flat bytes, which are taken for whatever they should be.
_BYTES = ("B", "b", "c")


def shown(value: Any) -> str:
    """A value as an error repeats it: short, on one line, whatever its own words are."""
    try:
        text = repr(value)
    except Exception:  # an object of others, or a number of more digits than Python prints
        text = f"{_a(type(value).__name__)} that cannot be shown"
    text = "".join(letter if letter.isprintable() else " " for letter in text[: _SHOWN_CHARACTERS + 1])
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def told_once(name: str, value: Any, error: Exception) -> str:
    """What is wrong with a named value: what a check says of it, which may name the value, too."""
    told, text = str(error), shown(value)
    head, _, rest = told.partition("; ")
    if head.startswith(text):
        return f"{name}: {told}"
    repeated = rest and text[:-1] in head  # up to its last quote: a unit may have been added
    return f"{name} is {text}; {rest if repeated else told}"


def keywords(function: F) -> F:
    """A public function that answers a keyword that it does not have with the nearest that it has,
    or with where the word belongs if it is an option's.
    """
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    def called(*args: Any, **given: Any) -> Any:
        try:
            return function(*args, **given)
        except TypeError as error:
            text = str(error)
            inside = error.__traceback__.tb_next if error.__traceback__ else None
            if inside is not None or "unexpected keyword argument" not in text:
                raise
            raise TypeError(f"{text}{_hint(text.split(chr(39))[1], names)}") from None

    called.__wrapped__ = function  # type: ignore[attr-defined]
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
        setattr(called, name, getattr(function, name))
    return called  # type: ignore[return-value]


# Words of options → the options' names, told by `options` as it is loaded.
OPTION_WORDS: dict[str, str] = {}


def _hint(word: str, names: tuple[str, ...]) -> str:
    if "options" in names and word in OPTION_WORDS:
        return f"; it is an option: FinishOptions({OPTION_WORDS[word]}=…)"
    near = nearest(word, names)
    option = nearest_of(word, tuple(OPTION_WORDS)) if "options" in names and not near else ""
    return f"; did you mean an option? FinishOptions({OPTION_WORDS[option]}=…)" if option else near


def whole(value: Any, name: str, low: int, high: int) -> int:
    """A whole number within inclusive bounds, numpy's too; ImageShapeError for anything else."""
    if type(value) is not int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ImageShapeError(f"{name} is {shown(value)}; it takes a whole number")
        try:
            value = int(value.__index__())
        except Exception:
            raise ImageShapeError(f"{name} is {shown(value)}; it takes a whole number") from None
    if not low <= value <= high:
        raise ImageShapeError(f"{name} is {shown(value)}; it may be {low:,} to {high:,}")
    return int(value)


def instance(value: Any, wanted: type[T], name: str) -> T:
    """The value itself, or ImageShapeError if it is no such record."""
    if not isinstance(value, wanted):
        raise ImageShapeError(f"{name} is {_a(type(value).__name__)}; it takes {_a(wanted.__name__)}")
    return value


def called(on_step: Any) -> None:
    """OptionsError for a listener that cannot be called."""
    if on_step is not None and not callable(on_step):
        raise OptionsError(f"on_step is {shown(on_step)}; it takes a function")


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def size(width: int, height: int) -> None:
    """Refuse an empty or absurd size."""
    if type(width) is not int or type(height) is not int:
        raise ImageShapeError(f"the image is {shown(width)} × {shown(height)} pixels; both take whole numbers")
    if width < 1 or height < 1:
        raise ImageShapeError(f"the image is {shown(width)} × {shown(height)} pixels; it needs at least one")
    if width > SIDE_PX_MAX or height > SIDE_PX_MAX:
        raise ImageShapeError(f"the image is {shown(width)} × {shown(height)} pixels; a side may have {SIDE_PX_MAX:,} at most")


def buffer(data: Any, size_bytes: int, name: str) -> None:
    """Refuse a buffer that is not flat or not of the expected size."""
    view = memoryview(data)
    if not view.c_contiguous or view.nbytes != size_bytes:
        raise ImageShapeError(f"{name} must be one contiguous block of {size_bytes} bytes; it has {view.nbytes}")


def sides(values: dict[str, Any]) -> None:
    """Check the width and height of a record, and make them plain numbers."""
    for name in ("width", "height"):
        if type(values[name]) is not int and not isinstance(values[name], bool) and hasattr(values[name], "__index__"):
            values[name] = whole(values[name], name, -SIDE_PX_MAX, 2 * SIDE_PX_MAX)
    size(values["width"], values["height"])


def flat(data: Any, count: int, codes: str, name: str) -> memoryview[Any]:
    """A buffer of `count` items as a flat memoryview. `codes` are the struct codes that it may
    have, the first the one that is handed on; flat bytes of the right size are taken for it.
    ImageShapeError for other types, sizes and gaps.
    """
    try:
        view = memoryview(data)
    except TypeError:
        raise ImageShapeError(f"{name} is {_a(type(data).__name__)}; it takes a buffer") from None
    item_bytes = _ITEM_BYTES[codes[0]]
    buffer(view, item_bytes * count, name)
    if view.format == codes[0] and view.ndim == 1:
        return view
    if view.nbytes and view.format not in (*codes, *_BYTES):
        raise ImageShapeError(f"{name} holds items of the type {view.format!r}; it takes {_NAMES[codes[0]]}")
    if view.nbytes == 0:
        return memoryview(b"").cast(codes[0])  # type: ignore[call-overload]
    bytewise: Any = view.cast("B")
    made: memoryview[Any] = bytewise.cast(codes[0])
    return made


_ITEM_BYTES = {"B": 1, "i": 4, "Q": 8, "q": 8, "d": 8}
_NAMES = {"B": "uint8", "i": "int32", "Q": "uint64", "q": "int64", "d": "float64"}
# What of a type has two names: C's long is as wide as its long long on 64-bit systems other than
# Windows, where numpy says "l" and "L".
WORDS, OFFSETS, NUMBERS, INTEGERS, OCTETS = "QL", "ql", "d", "i", "B?bc"


def counts(data: Any, name: str) -> tuple[memoryview[Any], int]:
    """Offsets as flat i64, which begin at 0 and rise with every one; and the last of them."""
    try:
        view = memoryview(data)
    except TypeError:
        raise ImageShapeError(f"{name} is {_a(type(data).__name__)}; it takes a buffer") from None
    view = flat(view, max(view.nbytes >> 3, 1), OFFSETS, name)
    values = view.tolist()
    if values[0] != 0 or any(here >= there for here, there in zip(values, values[1:])):
        raise ImageShapeError(f"{name} must begin at 0 and rise from each to the next")
    return view, values[-1]


def only(data: memoryview[Any], allowed: bytes, name: str) -> None:
    """Refuse bytes that hold anything but the allowed values."""
    if bytes(data).translate(None, allowed):
        raise ImageShapeError(f"{name} may hold {', '.join(map(str, allowed))} alone")


def at_most(data: Sequence[Any], bound: float, name: str) -> None:
    """Refuse numbers that are not finite, or farther from 0 than the bound."""
    if len(data) and not (sum(data) * 0 == 0 and -bound <= min(data) and max(data) <= bound):
        raise ImageShapeError(f"{name} holds a number that is not finite, or beyond ±{bound:,.0f}")


def spare_bits(words: memoryview[Any], width: int, stride: int, name: str) -> None:
    """Refuse bits beyond the last pixel of a row."""
    if any(word >> (width & 63) for word in words[stride - 1 :: stride].tolist()):
        raise ImageShapeError(f"{name} has bits set beyond the last pixel of a row; they must be 0")


def pair(value: Any, name: str) -> None:
    """Refuse a resolution that is neither None nor two finite numbers."""
    if value is None:
        return
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not all(number(side) for side in value):
        raise ImageShapeError(f"{name} is {shown(value)}; it takes two numbers, horizontal and vertical, or None")


def number(value: Any) -> bool:
    """Whether a value is a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -1e300 < value < 1e300


def array(source: Any, name: str) -> Any:
    """Whatever numpy makes an array of, or ImageShapeError."""
    import numpy as np

    try:
        return np.asarray(source)
    except Exception as error:  # numpy, or an object of others that it asked
        raise ImageShapeError(f"{name} is {_a(type(source).__name__)}, of which numpy makes no array") from error


def gray_array(array: Any) -> Any:
    """A uint8 or bool array (height, width), or an error that says what was found."""
    if array.ndim != 2:
        raise ImageShapeError(f"a grey array has the shape (height, width); this one has {array.shape}")
    if array.dtype.name not in ("uint8", "bool"):
        raise ImageShapeError(f"a grey array holds uint8 or bool; this one holds {array.dtype} (read_gray() converts others)")
    size(array.shape[1], array.shape[0])
    return array


def bitmap_array(array: Any) -> Any:
    """A bool array (height, width), or an error that says what was found."""
    if array.ndim != 2:
        raise ImageShapeError(f"a bitmap array has the shape (height, width); this one has {array.shape}")
    if array.dtype.name != "bool":
        raise ImageShapeError(f"a bitmap array holds bool, True for ink; this one holds {array.dtype}")
    size(array.shape[1], array.shape[0])
    return array


def same_size(grays: Any, bitmap: Any) -> None:
    """Refuse greys that are not those of the bitmap."""
    if (grays.width, grays.height) != (bitmap.width, bitmap.height):
        raise ImageShapeError(
            f"the bitmap has {bitmap.width} × {bitmap.height} pixels and its greys {grays.width} × {grays.height}; they must agree"
        )
