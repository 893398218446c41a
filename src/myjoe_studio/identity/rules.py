"""What a password has to be, before the identity service is asked, and what it says after."""
from __future__ import annotations

from myjoe_studio.identity.errors import IdentityRefusedError

# Shortest and longest: the identity service keeps passwords by bcrypt, which reads 72 bytes.
CHARS_MIN, BYTES_MAX = 10, 72
EASY = "That is too easy to guess. Choose a longer one."


def mistake_of(password: str) -> str:
    """What is wrong with a password as a sentence; empty if nothing is."""
    if len(password) < CHARS_MIN:
        return f"Take {CHARS_MIN} characters or more."
    if len(password.encode()) > BYTES_MAX:
        return f"That is too long: {BYTES_MAX} letters are the most."
    return ""


def refusal_of(refused: IdentityRefusedError) -> str:
    """Why the identity service does not take a password."""
    said = {"weak_password": EASY, "same_password": "That is the password that you have."}
    return said.get(refused.code, "That password is not taken. Please choose another.")
