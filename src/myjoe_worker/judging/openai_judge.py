"""Looks at a drawing and answers yes or no: a `Judge` on OpenAI's responses.

What can be measured, `local_judge` measures, exactly and for nothing. Here is asked what takes
eyes.
"""
from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from myjoe.errors import ImageRefusedError, ProviderAnswerError
from myjoe.providers.openai import OpenAI, Question
from myjoe.providers.protocol import Meter
from myjoe_worker.judging.protocol import Opinion
from myjoe_worker.providers.images import media_type, size_px

# The longest side of the copy that is looked at. At detail "low" more would be scaled down on
# arrival, and be paid for by nobody's gain.
SIDE_PX_MAX = 768
# Eight answers as JSON are some 60 tokens; the governor reckons with 100.
OUTPUT_TOKENS_MAX = 100
PROMPT_CHARACTERS_MAX = 1000
# Seconds for one look. What is given up on is paid for all the same; longer has a page wait longer
# where its worker has died meanwhile.
LOOK_SECONDS_MAX = 60.0


@dataclass(frozen=True)
class Check:
    """A question, which answer passes, and what a person is told where it is the other."""

    question: str
    passes: bool
    reason: str


CHECKS: Mapping[str, Check] = {
    "outlines": Check("Is it a line drawing of clear outlines with areas to colour in?", True, "It is no line drawing to colour in."),
    "subject": Check("Does it show the main thing that was asked for?", True, "It does not show what was asked for."),
    "shading": Check("Does it rely on shading, grey fills or gradients, which black and white would lose?", False, "It is shaded."),
    "steampunk": Check(
        "Does it show steampunk motifs: ornamental gears, cogs, clockwork, brass machinery, goggles or airships of that kind?", False,
        "It shows steampunk motifs.",
    ),
    "lettering": Check("Does it show letters, numbers, a signature or a watermark that were not asked for?", False, "It has lettering."),
    "anatomy": Check("Is a person's or animal's anatomy plainly wrong, such as limbs too many or missing?", False, "Its anatomy is wrong."),
    "cropped": Check("Is the main thing cut off by the edge of the page?", False, "The main thing is cut off by the edge."),
    "unsuitable": Check("Is anything in it frightening, violent or sexual, for this audience?", False, "It does not suit its audience."),
}  # fmt: skip

INSTRUCTIONS = "You check drawings for a colouring book. Answer each question about the picture with true or false.\n" + "\n".join(
    f"{name}: {check.question}" for name, check in CHECKS.items()
)
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": list(CHECKS),
    "properties": {name: {"type": "boolean"} for name in CHECKS},
}  # fmt: skip
_ANSWERS = TypeAdapter(dict[str, bool], config=ConfigDict(strict=True))


class OpenAIJudge:
    """Asks a model that sees."""

    def __init__(self, openai: OpenAI) -> None:
        self._openai = openai

    async def look(self, thumbnail_png: bytes, prompt: str, audience: str, model: str, meter: Meter) -> Opinion:
        """The opinion. A model that will not look at the page is taken for one that refuses it."""
        size = size_px(thumbnail_png)
        if media_type(thumbnail_png) != "image/png" or size is None or max(size) > SIDE_PX_MAX:
            raise ImageRefusedError(f"the judge looks at PNG of up to {SIDE_PX_MAX} pixels a side")
        order = json.dumps({"asked_for": prompt[:PROMPT_CHARACTERS_MAX], "audience": audience}, ensure_ascii=False)
        content = [
            {"type": "input_text", "text": order},
            {"type": "input_image", "image_url": f"data:image/png;base64,{base64.b64encode(thumbnail_png).decode()}", "detail": "low"},
        ]
        question = Question(INSTRUCTIONS, content, "page_check", SCHEMA, OUTPUT_TOKENS_MAX, seconds_max=LOOK_SECONDS_MAX)
        said = await self._openai.ask(question, model, meter)
        measured: dict[str, Any] = {"model": model, "request_id": said.request_id}
        if said.refusal is not None:
            return Opinion(False, ["The judge would not look at it."], {**measured, "refused": True})
        answers = _answers(said.text)
        reasons = [check.reason for name, check in CHECKS.items() if answers[name] != check.passes]
        return Opinion(not reasons, reasons, {**measured, **answers})


def _answers(text: str) -> dict[str, bool]:
    try:
        answers = _ANSWERS.validate_json(text)
    except ValidationError:
        raise ProviderAnswerError("the judge's answer is no list of yes and no") from None
    if set(answers) != set(CHECKS):
        raise ProviderAnswerError("the judge did not answer every question")
    return answers
