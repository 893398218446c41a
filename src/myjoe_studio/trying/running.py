"""Runs a child for each picture of the live try: so many at a time, for so many seconds."""
from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from myjoe_studio.trying import child
from myjoe_studio.trying.telling import told_of

# Pictures at a time in one process of the Studio, whose pages have to be answered beside it.
AT_ONCE = 2
# Seconds that a picture may take: 0.2 for the process, 0.2 for 4 megapixels, 0.1 for finding the
# sheet in them. More is a file made to be slow.
SECONDS_MAX = 5.0
# The only variables that a child gets: where things are. It meets strangers' files and sees no key.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "LINEFINISH_CACHE")


class TryError(Exception):
    """A picture that was not finished: a status and a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


NO_PICTURE = TryError(422, "That file is no picture we can read. PNG, JPEG or WebP, up to 4 megapixels.")
BUSY = TryError(503, "Many people try this just now. Again in a minute, please.")
TOO_SLOW = TryError(422, "That picture took us longer than we give one here. A smaller one will do.")
TOO_RICH = TryError(422, "That picture has more shapes than we can show here. A drawing with clear lines will do.")


@dataclass(frozen=True)
class Tried:
    """A drawing: its SVG, its width and height in pixels, how many curves it has and how many areas
    to colour, and how many of the pixels that it was drawn from were neither black nor white.

    cut    whether a photographed sheet of paper was cut out and made straight; the drawing and its
           figures are then of the sheet alone
    told   what was done about the sheet, or why nothing, in sentences
    flat   the sheet before it was drawn, as the address of a grey picture; "" if none was cut out
    """

    svg: str
    width: int
    height: int
    curves: int
    areas: int
    grays_before: int
    cut: bool
    told: tuple[str, ...]
    flat: str


class Tryer:
    """Finishes strangers' pictures. Belongs to one event loop."""

    def __init__(self, at_once: int = AT_ONCE, seconds_max: float = SECONDS_MAX) -> None:
        self._free = at_once
        self._seconds_max = seconds_max

    async def finish(self, content: bytes, *, whole: bool = False, focal_mm: float | None = None) -> Tried:
        """The drawing of a picture; of a photographed sheet of paper that of the sheet, unless the
        `whole` picture is asked for. `focal_mm`, 8 to 600, is the lens's focal length as of 35 mm
        film, where the file does not state it. TryError where there is no drawing; who is cancelled
        has killed the child.
        """
        if not child.kind_of(content):
            raise NO_PICTURE
        if not self._free:
            raise BUSY
        self._free -= 1
        try:
            answer = await self._asked(content, [*([child.WHOLE] if whole else []), *([child.FOCAL, str(focal_mm)] if focal_mm else [])])
        finally:
            self._free += 1
        if answer.get("too_rich"):
            raise TOO_RICH
        if "svg" not in answer:
            raise NO_PICTURE
        sheet = answer.pop("sheet")
        flat = f"data:image/jpeg;base64,{sheet['flat']}" if sheet.get("flat") else ""
        return Tried(**answer, cut=bool(sheet.get("found")), told=told_of(sheet), flat=flat)

    async def _asked(self, content: bytes, wishes: list[str]) -> dict[str, Any]:
        # By its file: as a module it would import the Studio first, which takes thrice its time.
        pipe, environment = asyncio.subprocess.PIPE, {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", child.__file__, *wishes, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        try:
            async with asyncio.timeout(self._seconds_max):
                output, _ = await process.communicate(content)
        except TimeoutError as error:
            raise TOO_SLOW from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        # Whoever made the child crash has sent no picture.
        return dict(json.loads(output)) if process.returncode == 0 else {}
