"""Plans a book offline, for demo and tests: what a description names and the sketcher can draw, in
one place after the other. The same description gives the same book.
"""
from __future__ import annotations

import hashlib
import random
import re

from myjoe.providers.protocol import BookPlan, Meter, PlannedPage

# What the sketcher can draw, by the words that name it. A test holds its drawings to this list.
MOTIF_NAMES = (
    "cat", "dog", "rabbit", "bear", "panda", "fox", "lion", "mouse", "kitten", "puppy", "bunny",
    "hare", "teddy", "owl", "bird", "robin", "butterfly", "fish", "turtle", "tortoise", "snail",
    "whale", "octopus", "dinosaur", "dino", "dragon", "elephant", "flower", "daisy",
    "sunflower", "rose", "tulip", "tree", "oak", "apple", "fir", "pine", "palm", "mushroom",
    "toadstool", "cactus", "house", "cottage", "home", "castle", "palace", "rocket",
    "spaceship", "boat", "ship", "sailboat", "car", "taxi", "balloon", "cupcake", "cake",
    "robot", "snowman", "star", "heart", "sun", "moon", "planet", "shell",
)  # fmt: skip
# What books are about whose description names nothing we know, and where things happen.
_STAPLES = ("cat", "flower", "house", "butterfly", "dinosaur", "fish", "owl", "rocket", "tree", "rabbit", "castle", "turtle")
_PLACES = ("in the garden", "on the hills", "at night", "at the beach", "in the snow", "under the sun")


class SketchBrain:
    """Plans a book: the motifs that a description names, in one place after the other."""

    async def plan(self, description: str, audience: str, pages: int, model: str, meter: Meter) -> BookPlan:
        """So many different pages."""
        prompts = variations(description, pages)
        request_id = f"sketch-{hashlib.sha256(f'plan:{description}:{pages}'.encode()).hexdigest()[:16]}"
        await meter.closed(request_id, {"input_token": 0, "output_token": 0}, micro_usd=0)
        title = re.sub(r"\s+", " ", description.strip().partition("\n")[0]).rstrip(" .")[:80]
        return BookPlan(title or "A colouring book", "", [PlannedPage(*page) for page in zip(titles_of(prompts), prompts, strict=True)])


def titles_of(prompts: list[str]) -> list[str]:
    """What each page is called: its prompt, with its number only where another is called so."""
    titles: list[str] = []
    for prompt in prompts:
        short = prompt.partition(", number ")[0]
        title = short[:1].upper() + short[1:]
        titles.append(title if title not in titles else prompt[:1].upper() + prompt[1:])
    return titles


def variations(description: str, count: int) -> list[str]:
    """Prompts for so many pages of one book, each different: what the description names, in places
    and company that change.
    """
    named = [word for word in dict.fromkeys(map(singular, words_of(description))) if word in MOTIF_NAMES] or list(_STAPLES)
    rng = random.Random(hashlib.sha256(description.encode()).digest())
    prompts: list[str] = []
    for index in range(count):
        word, place = named[index % len(named)], rng.choice(_PLACES)
        friend = rng.choice([staple for staple in _STAPLES if staple != word])
        if index % 8 == 5:
            prompts.append(f"a mandala with {_a(word)}, number {index + 1}")
        elif index % 8 == 7:
            prompts.append(f"a pattern with {_a(word)} and {_a(friend)}, number {index + 1}")
        else:
            prompts.append(f"{_a(word)} {place} with {_a(friend)}{f', number {index + 1}' if index >= len(named) else ''}")
    return prompts


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def words_of(prompt: str) -> list[str]:
    """The words of a prompt, in small letters."""
    return re.findall(r"[a-z]+", prompt.lower())


def singular(word: str) -> str:
    """The name of the motif that a word means, or the word itself."""
    for ending, instead in (("", ""), ("s", ""), ("es", ""), ("ies", "y")):
        if word.endswith(ending) and (stem := word[: len(word) - len(ending)] + instead) in MOTIF_NAMES:
            return stem
    return {"mice": "mouse", "doggy": "dog", "kitty": "cat", "spaceships": "rocket"}.get(word, word)
