"""What My Joe is, for who comes for the first time, and what it costs; and the live try, for which
nobody needs an account.
"""
from __future__ import annotations

import base64
from dataclasses import asdict

from starlette.datastructures import UploadFile
from starlette.responses import Response

from myjoe import telemetry
from myjoe.database.statements import statements
from myjoe_studio.routing import Pages, Who
from myjoe_studio.trying.running import TryError
from myjoe_studio.visiting import RefusalError, Visit

pages = Pages()
SQL = statements("myjoe_studio.pages", "landing.sql")

# Tries an hour from one address: who looks around makes a few; more is a program.
TRIES_AN_HOUR = 20
# The longest form, in bytes: Vercel's own limit is 4.5 MB. 4 megapixels are less in every kind of
# picture that drawings come in.
TRY_BYTES_MAX = 4_500_000
# Focal lengths that lenses have, in mm as of 35 mm film: what `sheet_focal` of the library takes.
FOCAL_MM_MIN, FOCAL_MM_MAX = 8, 600
# The page on the landing page: what was found in it. A test finishes it again.
SAMPLE = {"width": 640, "height": 823, "curves": 103, "areas": 74, "grays_before": 526_720}


@pages.get("/", Who.VISITOR, reads=SQL["plans"])
async def show(visit: Visit) -> Response:
    """The first page. Supabase sends here, too, who did not let Google sign them in; `?whole` has
    the try keep the whole picture.
    """
    asked = visit.request.query_params
    return visit.page("landing.html", plans=visit.rows, sample=SAMPLE, declined="error" in asked, whole="whole" in asked)


@pages.post("/try", Who.VISITOR, body_bytes_max=TRY_BYTES_MAX)
async def finish(visit: Visit) -> Response:
    """A visitor's picture as a drawing: of a photographed sheet of paper the sheet alone, unless
    the field `whole` is set. Nothing of it is kept.
    """
    await visit.take_rate(f"try:{visit.network}", TRIES_AN_HOUR, 3600, f"{TRIES_AN_HOUR} pictures an hour are what one may try here.")
    picture, whole = (await visit.form()).get("picture"), bool(await visit.field("whole"))
    focal_mm = _focal_mm(await visit.field("focal"))
    content = await picture.read() if isinstance(picture, UploadFile) else b""
    try:
        tried = await visit.parts.tryer.finish(content, whole=whole, focal_mm=focal_mm)
    except TryError as error:
        telemetry.emit("try.refused", bytes=len(content), reason=error.sentence)
        retry_after = 60 if error.status == 503 else None
        raise RefusalError(error.status, error.sentence, way_out=("Try another picture", "/#try"), retry_after=retry_after) from error
    telemetry.emit("try.finished", bytes=len(content), width=tried.width, height=tried.height, curves=tried.curves, cut=tried.cut)
    if visit.wants_json:
        return visit.json(asdict(tried))
    return visit.page("tried.html", tried=tried, svg=base64.b64encode(tried.svg.encode()).decode())


def _focal_mm(text: str) -> float | None:
    """What a script read in the photograph that it made smaller; None for what no lens has."""
    focal_mm = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(FOCAL_MM_MAX)) else 0
    return float(focal_mm) if FOCAL_MM_MIN <= focal_mm <= FOCAL_MM_MAX else None
