"""The book of `myjoe demo`."""
from __future__ import annotations

from myjoe.providers.protocol import PlannedPage

# The same book every time; another seed gives other drawings of the same motifs.
SEED = 7
TITLE = "Small Wonders"
STORYBOARD = (
    PlannedPage("The cat in the garden", "a cat in the garden with flowers and a butterfly"),
    PlannedPage("The owl at night", "an owl at night with a tree and stars"),
    PlannedPage("The castle on the hills", "a castle on the hills with a princess"),
    PlannedPage("Under the sea", "a whale and fish in the sea with a turtle"),
    PlannedPage("A mandala of flowers", "a mandala with a flower"),
    PlannedPage("The rocket and the planets", "a rocket with planets and stars at night"),
    PlannedPage("Snow day", "a snowman in the snow with a rabbit"),
    PlannedPage("Butterflies and hearts", "a pattern with a butterfly and a heart"),
)
