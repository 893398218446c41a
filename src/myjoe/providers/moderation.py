"""OpenAI's moderation with limits of our own: what it flags is tuned for adults who talk, and these
words become pictures for children.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from myjoe.errors import ProviderAnswerError
from myjoe.providers.openai import OpenAI
from myjoe.providers.protocol import Meter

MODEL = "omni-moderation-latest"

# Texts in one call. A book's pages come to a few kilobytes a call with this.
TEXTS_PER_CALL = 32

# Scores from 0 to 1 from which a text is refused. Lower refuses more: knights and dragons score on
# violence, so that is the most generous; nothing about sex or self-harm belongs into any book here.
# First guesses, on the strict side: nobody has measured them on real orders yet.
LIMITS: Mapping[str, float] = {
    "sexual": 0.10, "sexual_minors": 0.02, "violence": 0.40, "violence_graphic": 0.10, "self_harm": 0.10, "self_harm_intent": 0.05,
    "self_harm_instructions": 0.05, "hate": 0.15, "hate_threatening": 0.05, "harassment": 0.40, "harassment_threatening": 0.15,
    "illicit": 0.40, "illicit_violent": 0.10,
}  # fmt: skip
# For grown-ups: what moderation itself flags is refused as well, and these are the limits that
# differ.
LIMITS_ADULTS: Mapping[str, float] = {
    **LIMITS, "violence": 0.70, "violence_graphic": 0.40, "harassment": 0.70, "sexual": 0.30, "illicit": 0.60, "hate": 0.40,
}
# Older moderation models do not score these.
MAY_BE_MISSING = frozenset({"illicit", "illicit_violent"})


class Moderation:
    """Says what stands against a text."""

    def __init__(self, openai: OpenAI, model: str = MODEL) -> None:
        self._openai = openai
        self.model = model

    async def objections(self, texts: Sequence[str], audience: str, meter: Meter) -> list[list[str]]:
        """For each text, the categories whose limit it passes, in words. A score that is missing
        raises: silence is no consent.
        """
        limits = LIMITS_ADULTS if audience == "adults" else LIMITS
        found = []
        for start in range(0, len(texts), TEXTS_PER_CALL):
            answer = await self._openai.moderate(texts[start : start + TEXTS_PER_CALL], self.model, meter)
            found += [_objections(result.category_scores, bool(result.flagged), limits) for result in answer.results]
        return found


def _objections(scores: object, flagged: bool, limits: Mapping[str, float]) -> list[str]:
    found = []
    for category, limit in limits.items():
        score = getattr(scores, category, None)
        if score is None and category in MAY_BE_MISSING:
            continue
        if not isinstance(score, (int, float)):
            raise ProviderAnswerError(f"openai's moderation gives no score for {category}")
        if not score < limit:  # what is no number is refused, too
            found.append(category.replace("_", " "))
    return found or (["flagged"] if flagged else [])
