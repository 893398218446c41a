"""How a page came to be, from what it records: what printers and shops ask about AI is answered by
it.
"""
from __future__ import annotations

# Who draws by a program, and no AI.
PROGRAMS = frozenset({"sketch"})


def made_by(provider: str | None, edited: bool) -> str:
    """"ai", "ai-edited", "hand", or "" where nothing is recorded: the words of linefinish's books.

    provider  who drew it; edited  whether a person has changed it since
    """
    if not provider:
        return ""
    if provider in PROGRAMS:
        return "hand"
    return "ai-edited" if edited else "ai"
