"""What a file did to the process that read it: its verdict, and the memory that it took."""
from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import linefinish

__all__ = ["cost_of_reading", "in_a_child", "peak_kb_of"]


def peak_kb_of(call: Callable[[], Any]) -> int:
    """kB of memory that a call takes at most, above what the process had."""
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the peak begins anew
    before = _status_kb("VmRSS")
    call()
    return _status_kb("VmHWM") - before


def _status_kb(name: str) -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


def in_a_child(call: Callable[[], str]) -> str:
    """What a call in a child of this process returns, or how the child died."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.write(theirs, call().encode())
            code = 0
        finally:
            os._exit(code)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        told = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return told if status == 0 else f"died of {status}"


def cost_of_reading(data: bytes, **options: Any) -> tuple[str, int]:
    """What `read_gray` says of a file, and its peak in kB. In a child, so that no memory is there
    already which an earlier file took.
    """

    def read() -> str:
        told: list[str] = []

        def attempt() -> None:
            try:
                gray = linefinish.read_gray(data, **options)
                told.append(f"read {gray.width} x {gray.height}")
            except Exception as error:  # foreign ones are what is looked for
                told.append(f"{type(error).__name__}: {error}")

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peak_kb = peak_kb_of(attempt)
        return f"{peak_kb} {told[0]}"

    # What is imported by the first file is no cost of it.
    for name in ("JpegImagePlugin", "WebPImagePlugin", "TiffImagePlugin", "BmpImagePlugin", "GifImagePlugin", "AvifImagePlugin"):
        __import__(f"PIL.{name}")
    from linefinish.readers import pillow  # noqa: F401

    answer = in_a_child(read)
    peak, _, words = answer.partition(" ")
    return (words, int(peak)) if peak.isdigit() else (answer, 0)
