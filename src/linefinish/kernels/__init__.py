"""The kernels. Where their machine code is at hand it also says what is in each module, and the
source is not read (see `_native.py`).
"""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> Any:
    """`from linefinish.kernels import bits`; an AttributeError lets Python import the source."""
    found = None
    if not name.startswith("_"):
        from linefinish.kernels import _registry

        if _registry.MODE == "native":
            from linefinish.kernels import _native

            library = _native.library_at_hand()
            if library and name in library.modules:
                found = _native.KernelModule(library, name)
    if found is None:
        raise AttributeError(f"linefinish.kernels has no {name}")
    globals()[name] = found
    return found
