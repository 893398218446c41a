"""Real-ESRGAN on Replicate: an `Upscaler`. A community model, so its version is pinned, and it is
billed by the second.
"""
from __future__ import annotations

import re
from collections.abc import Mapping

from myjoe.errors import OperatorError, ProviderRefusedError
from myjoe.providers.protocol import Meter
from myjoe_worker.providers.images import size_px
from myjoe_worker.providers.protocol import Picture
from myjoe_worker.providers.replicate import Prediction, Replicate, Work

MODEL = "real-esrgan"
# Four times a megapixel drawing is 400 dpi on a letter page.
SCALE = 4
# What one run takes, in seconds, for the estimate booked before it ends: a megapixel on its usual
# machine. A guess, on the high side.
SECONDS_ESTIMATE = 10.0
# The machine's memory holds about so many pixels of input; reported by its users.
PIXELS_MAX = 2_100_000
VERSION = re.compile(r"[0-9a-f]{64}")


class RealEsrgan:
    """Enlarges fourfold and keeps the content; edges come out smooth and grey, for the finisher to
    decide on.
    """

    def __init__(self, replicate: Replicate, version: str) -> None:
        self._replicate = replicate
        self._version = version

    async def enlarge(self, picture: Picture, model: str, meter: Meter) -> Picture:
        """The same drawing, four times as wide and high; an SVG, which has no size, as it is."""
        if model != MODEL:
            raise OperatorError(f"there is no upscaler {model!r} on replicate; there is {MODEL}")
        if not VERSION.fullmatch(self._version):
            raise OperatorError("REPLICATE_UPSCALER_VERSION has to name the version of real-esrgan, 64 hexadecimal digits")
        if picture.media_type == "image/svg+xml":
            return picture
        size = size_px(picture.content)
        if size is None or size[0] * size[1] > PIXELS_MAX:
            raise ProviderRefusedError("real-esrgan enlarges PNG, JPEG and WEBP of up to two megapixels")
        body = {"version": self._version, "input": {"scale": SCALE, "face_enhance": False}}
        work = Work("predictions", body, {"second": SECONDS_ESTIMATE}, _seconds_used, picture)
        return await self._replicate.make(work, model, meter)


def _seconds_used(prediction: Prediction) -> Mapping[str, float]:
    """Seconds of model run; what never ran costs nothing, and what ran for an unknown time counts
    as the estimate.
    """
    if prediction.predict_seconds is not None:
        return {"second": prediction.predict_seconds}
    return {"second": SECONDS_ESTIMATE if prediction.ran else 0.0}
