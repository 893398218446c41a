"""The Flux models on Replicate: an `Artist`."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from myjoe.errors import OperatorError
from myjoe.providers.protocol import Meter
from myjoe_worker.providers.line_art import line_art_prompt, nearest_shape
from myjoe_worker.providers.protocol import DrawingOrder, Picture
from myjoe_worker.providers.replicate import Replicate, Work, images_used

SHAPES = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
# flux-1.1-pro draws any size from 256 to 1440 a side, in steps of 32; the largest gives the
# finisher most to go by, at the same price.
CUSTOM_PX_MIN, CUSTOM_PX_MAX, CUSTOM_PX_STEP = 256, 1440, 32
# Seeds are 32 bits wide, and 0 is taken for none.
SEED_MAX = 2**31 - 1


@dataclass(frozen=True)
class Model:
    """Where a model is, how it is told the page's shape, and what else it is told."""

    owner_name: str
    shape: Callable[[float, float], Mapping[str, Any]]
    extra: Mapping[str, Any]


def _aspect(width: float, height: float) -> Mapping[str, Any]:
    return {"aspect_ratio": nearest_shape(width, height, SHAPES)}


def _custom(width: float, height: float) -> Mapping[str, Any]:
    def side(length: float) -> int:
        steps = round(CUSTOM_PX_MAX * length / max(width, height) / CUSTOM_PX_STEP)
        return max(CUSTOM_PX_MIN, steps * CUSTOM_PX_STEP)

    return {"aspect_ratio": "custom", "width": side(width), "height": side(height)}


# The default format is lossy and puts grey ringing around black lines, so PNG is asked for. go_fast
# draws in lower precision, and not the same twice. prompt_upsampling would have a language model
# rewrite what the judge compares the page with.
MODELS = {
    "flux-schnell": Model("black-forest-labs/flux-schnell", _aspect, {"num_outputs": 1, "megapixels": "1", "go_fast": False}),
    "flux-dev": Model("black-forest-labs/flux-dev", _aspect, {"num_outputs": 1, "megapixels": "1", "go_fast": False}),
    "flux-1.1-pro": Model("black-forest-labs/flux-1.1-pro", _custom, {"prompt_upsampling": False}),
    "flux-2-pro": Model("black-forest-labs/flux-2-pro", _aspect, {"resolution": "1 MP"}),
    "flux-2-flex": Model("black-forest-labs/flux-2-flex", _aspect, {"resolution": "1 MP", "prompt_upsampling": False}),
}


class Flux:
    """Draws with the Flux models. Billed by the picture."""

    def __init__(self, replicate: Replicate) -> None:
        self._replicate = replicate

    async def draw(self, order: DrawingOrder, model: str, meter: Meter) -> Picture:
        """One drawing of about a megapixel, PNG unless the model thinks otherwise."""
        if model not in MODELS:
            raise OperatorError(f"there is no Flux model {model!r}; there are {', '.join(MODELS)}")
        flux = MODELS[model]
        inputs = {
            "prompt": line_art_prompt(order.prompt), "output_format": "png", "seed": order.seed % SEED_MAX or SEED_MAX,
            **flux.shape(order.width, order.height), **flux.extra,
        }  # fmt: skip
        work = Work(f"models/{flux.owner_name}/predictions", {"input": inputs}, {"image": 1}, images_used)
        return await self._replicate.make(work, model, meter)
