"""Recraft: an `Artist` for pixels and vectors, and an `Upscaler`. It states with each answer what
it has cost.

A request is answered when the work is done, and has no id before that: one whose answer is lost is
booked as the estimate. Pictures come inside the answer, so there is no second address to go to, and
they are kept before anything else is done.
"""
from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from myjoe.errors import ImageRefusedError, JobError, OperatorError, ProviderAnswerError, ProviderRefusedError
from myjoe.providers.http import Http, Reply
from myjoe.providers.http_errors import maybe_billed
from myjoe.providers.protocol import Meter
from myjoe_worker.providers.images import picture, size_px
from myjoe_worker.providers.line_art import line_art_prompt, nearest_shape
from myjoe_worker.providers.protocol import DrawingOrder, Picture

# The provider counts in API units, of which 1000 are a US dollar.
MICRO_USD_PER_CREDIT = 1000
# Seconds for one picture. The slowest models take half a minute. What is given up on is paid for
# all the same; longer has a page wait longer where its worker has died meanwhile.
CALL_SECONDS = 80.0
# An upscaled page of 4096 × 4096 as PNG within JSON.
ANSWER_BYTES_MAX = 96_000_000
SEED_MAX = 2**31 - 1
# API units for one answer; more is no price, and not booked as one. The dearest picture costs 300.
CREDITS_MAX = 1_000_000

# Pixels of the fourth generation by shape; others are refused. The pro models draw twice as wide
# and high.
SIZES_PX = {
    "1:1": (1024, 1024), "2:1": (1536, 768), "1:2": (768, 1536), "3:2": (1280, 832), "2:3": (832, 1280), "4:3": (1216, 896),
    "3:4": (896, 1216), "5:4": (1152, 896), "4:5": (896, 1152), "6:10": (832, 1344), "14:10": (1280, 896), "10:14": (896, 1280),
    "16:9": (1344, 768), "9:16": (768, 1344),
}  # fmt: skip
# Black on white is asked for, and taken for a wish: the finisher makes it so.
CONTROLS = {"colors": [{"rgb": [0, 0, 0]}], "background_color": {"rgb": [255, 255, 255]}, "no_text": True}
NEGATIVE_PROMPT = "grey, shading, gradient, hatching, colour, texture, text, watermark, frame, solid black areas, gears, steampunk"

UPSCALE = "crisp_upscale"
UPSCALE_BYTES_MAX, UPSCALE_PIXELS_MAX = 10_000_000, 16_000_000
UPSCALE_SIDE_PX_MIN, UPSCALE_SIDE_PX_MAX = 32, 4096


@dataclass(frozen=True)
class Model:
    """What a model takes: characters of prompt, whether it draws vectors, whether it draws double
    size, whether it knows styles.
    """

    prompt_characters_max: int
    vector: bool = False
    pro: bool = False
    styles: bool = False


MODELS = {
    "recraftv4_1_flash": Model(10_000),
    "recraftv4_1": Model(10_000),
    "recraftv4_1_utility": Model(10_000),
    "recraftv4_1_pro": Model(10_000, pro=True),
    "recraftv4_1_utility_pro": Model(10_000, pro=True),
    "recraftv4_1_vector": Model(10_000, vector=True),
    "recraftv4_1_utility_vector": Model(10_000, vector=True),
    "recraftv4_1_pro_vector": Model(10_000, vector=True, pro=True),
    "recraftv4_1_utility_pro_vector": Model(10_000, vector=True, pro=True),
    "recraftv4": Model(10_000),
    "recraftv4_pro": Model(10_000, pro=True),
    "recraftv4_vector": Model(10_000, vector=True),
    "recraftv4_pro_vector": Model(10_000, vector=True, pro=True),
    "recraftv3": Model(1_000, styles=True),
    "recraftv3_vector": Model(1_000, vector=True, styles=True),
    "recraftv2": Model(1_000, styles=True),
    "recraftv2_vector": Model(1_000, vector=True, styles=True),
}


class _Image(BaseModel):
    image_id: str = Field(default="", max_length=128)
    b64_json: str | None = None


class _Drawn(BaseModel):
    credits: float | None = Field(default=None, ge=0, le=CREDITS_MAX, allow_inf_nan=False)
    data: Sequence[_Image]


class _Enlarged(BaseModel):
    credits: float | None = Field(default=None, ge=0, le=CREDITS_MAX, allow_inf_nan=False)
    image: _Image


class Recraft:
    """Draws and enlarges.

    style  for the models that know styles, as their endpoint spells it today; empty sends none
    """

    def __init__(self, key: str, base_url: str, *, style: str = "", call_seconds: float = CALL_SECONDS) -> None:
        self._http = Http("recraft", base_url, key, bytes_max=ANSWER_BYTES_MAX, timeout_seconds=call_seconds)
        self._style = style
        self._call_seconds = call_seconds

    async def draw(self, order: DrawingOrder, model: str, meter: Meter) -> Picture:
        """One drawing: PNG of one megapixel, four from the pro models, or SVG from the
        vector ones.
        """
        if model not in MODELS:
            raise OperatorError(f"there is no Recraft model {model!r}; there are {', '.join(MODELS)}")
        body = self._drawing(order, model, MODELS[model])
        async with maybe_billed(meter, {"image": 1}, self._call_seconds) as left:
            answer = await self._http.json("POST", "images/generations", body, timeout_seconds=left)
            drawn = answer.read(_Drawn)
        if not drawn.data:
            await meter.closed(_identity(answer, _Image()), **_cost(drawn.credits))
            raise ProviderRefusedError("recraft drew nothing")
        return await _paid(answer, drawn.data[0], drawn.credits, model, meter)

    async def enlarge(self, picture: Picture, model: str, meter: Meter) -> Picture:
        """The same drawing, larger and sharper, by how much is the provider's business; an SVG,
        which has no size, as it is.
        """
        if model != UPSCALE:
            raise OperatorError(f"there is no Recraft upscaler {model!r}; there is {UPSCALE}")
        if picture.media_type == "image/svg+xml":
            return picture
        body = {"image": _data_url(picture), "response_format": "b64_json", "image_format": "png"}
        async with maybe_billed(meter, {"image": 1}, self._call_seconds) as left:
            answer = await self._http.json("POST", "images/crispUpscale", body, timeout_seconds=left)
            enlarged = answer.read(_Enlarged)
        return await _paid(answer, enlarged.image, enlarged.credits, model, meter)

    async def check(self) -> str:
        """A sentence on the key, by a call that costs nothing. Raises the error that a job would
        meet.
        """
        answer = await self._http.json("GET", "users/me", expected={404})
        if answer.status == 404:
            return "the key was not checked, as the provider's address for that has changed"
        return f"the key is accepted; {answer.data['credits']} API units are left" if "credits" in answer.data else "the key is accepted"

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.close()

    def _drawing(self, order: DrawingOrder, name: str, model: Model) -> Mapping[str, Any]:
        prompt = line_art_prompt(order.prompt)
        if len(prompt) > model.prompt_characters_max:
            raise ProviderRefusedError(f"{name} takes prompts of {model.prompt_characters_max} characters; this one has {len(prompt)}")
        shape = nearest_shape(order.width, order.height, SIZES_PX)
        body = {
            "prompt": prompt, "n": 1, "model": name, "size": _size(shape, model), "response_format": "b64_json",
            "random_seed": order.seed % SEED_MAX or SEED_MAX, "controls": CONTROLS,
        }  # fmt: skip
        if not model.vector:
            body["image_format"] = "png"
        if model.styles:
            body["negative_prompt"] = NEGATIVE_PROMPT
            if self._style:
                body["style"] = self._style
        return body


def _size(shape: str, model: Model) -> str:
    """Vectors have a shape only, and so have the older models, whose pixels are others."""
    if model.vector or model.styles:
        return shape
    width, height = SIZES_PX[shape]
    return f"{width * 2}x{height * 2}" if model.pro else f"{width}x{height}"


def _data_url(picture: Picture) -> str:
    size = size_px(picture.content)
    if (
        size is None
        or not all(UPSCALE_SIDE_PX_MIN <= side <= UPSCALE_SIDE_PX_MAX for side in size)
        or size[0] * size[1] > UPSCALE_PIXELS_MAX
        or len(picture.content) >= UPSCALE_BYTES_MAX
    ):
        raise ProviderRefusedError("recraft enlarges PNG, JPEG and WEBP under 10 MB, of 32 to 4096 pixels a side and 16 megapixels in all")
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"


def _identity(answer: Reply, image: _Image) -> str:
    """What the cost is booked under: an id of the provider's own, or one of ours where it gives
    none.
    """
    return image.image_id or answer.request_id or f"ours-{uuid.uuid4().hex}"


def _cost(credits: float | None) -> Mapping[str, Any]:
    """What it states, or the estimate where it states nothing."""
    return {"units": {"image": 1}} if credits is None else {"micro_usd": round(credits * MICRO_USD_PER_CREDIT)}


async def _paid(answer: Reply, image: _Image, credits: float | None, model: str, meter: Meter) -> Picture:
    """The picture in an answer, whose cost is booked once it is kept. Where there is none that may
    be read, what it has cost is booked first.
    """
    identity = _identity(answer, image)
    try:
        found = _picture(image, model, identity)
    except JobError:
        await meter.closed(identity, **_cost(credits))
        raise
    await meter.delivered(identity, **_cost(credits))
    return found


def _picture(image: _Image, model: str, identity: str) -> Picture:
    if image.b64_json is None:
        raise ProviderAnswerError("recraft's answer holds no picture")
    try:
        content = base64.b64decode(image.b64_json, validate=True)
    except (binascii.Error, ValueError):
        raise ImageRefusedError("recraft's picture is no base64") from None
    return picture(content, "recraft", model, identity)
