"""Passwords as scrypt keeps them (RFC 7914)."""
from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# Cost, block size and parallelism: 16 MiB and a tenth of a second a hash, one of the settings that
# OWASP's cheat sheet recommends. More cost makes guessing dearer, and each sign-in too.
COST, BLOCK, PARALLEL = 1 << 14, 8, 5
SALT_BYTES, KEY_BYTES = 16, 32
# hashlib's own limit is just below what these take.
MEMORY_BYTES_MAX = 64 << 20


def hashed(password: str) -> str:
    """What is kept of a password: the method, its parameters, the salt and the key."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _key(password, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept. Where none was kept it takes as long to say no,
    so that nobody learns from the time which addresses there are.
    """
    method, *parts = (kept or hashed("")).split("$")
    if method != "scrypt":
        raise ValueError(f"passwords are not kept by {method} here")
    cost, block, parallel, salt, key = parts
    found = _key(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, base64.b64decode(key)) and kept is not None


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY_BYTES_MAX, dklen=KEY_BYTES)
