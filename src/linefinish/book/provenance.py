"""How a book's pages came to be, and what shops want to be told of it."""
from __future__ import annotations

from linefinish.checks import shown
from linefinish.errors import OptionsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("", "hand", "ai", "ai-edited")


def ai_statements(provenance: Sequence[str]) -> dict[str, str]:
    """By shop, what to answer when it asks for AI content: "kdp" (its form asks for text, images
    and translation apart, also where a person edited them afterwards; buyers do not see it) and
    "etsy" (a sentence for the listing). "" where nothing is to be said, or not every page records
    it.

    Raises OptionsError for a word that is none of "hand", "ai", "ai-edited", "".
    """
    for word in provenance:
        if word not in KINDS:
            raise OptionsError(f"provenance is {shown(word)}; it may be {', '.join(filter(None, KINDS))}, or nothing where it is not known")
    made = [word for word in provenance if word.startswith("ai")]
    unknown = sum(not word for word in provenance)
    if unknown and not made:
        return {"kdp": "", "etsy": ""}
    missing = f" Of {unknown} of {len(provenance)} images nothing is recorded." if unknown else ""
    if not made:
        return {"kdp": "AI-generated content: text no, images no, translations no.", "etsy": ""}
    edited = sum(word == "ai-edited" for word in made)
    if len(made) < len(provenance):
        share = f"{len(made)} of {len(provenance)} images"
    else:
        share = "all images"
    after = "edited by a person afterwards" if edited == len(made) else f"{edited} of them edited by a person afterwards" if edited else ""
    kdp = f"AI-generated content: text no; images yes ({share}{f', {after}' if after else ''}); translations no.{missing}"
    whole = len(made) == len(provenance)
    subject = "The drawings were" if whole else f"{len(made)} of the {len(provenance)} drawings {'was' if len(made) == 1 else 'were'}"
    etsy = f"{subject} made with the help of AI{f' and {after}' if after else ''}."
    return {"kdp": kdp, "etsy": etsy}
