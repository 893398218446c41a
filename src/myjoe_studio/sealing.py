"""What is sealed and signed with the Studio's secret: tokens of sessions, forms that wait for a
sign-in, and the tokens of forms.

Each use has a key of its own, derived by HKDF (RFC 5869). Sealing is AES-256-GCM (NIST SP 800-38D)
with a random nonce of 96 bits, which holds for 2³² messages a key. Signing is HMAC-SHA-256 (RFC
2104).
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from myjoe.settings.variables import Secret

NONCE_BYTES = 12
KEY_BYTES = 32
# A form's token is masked anew each time it is written, by so many bytes: a page that is compressed
# would otherwise tell it letter by letter (BREACH, 2013).
MASK_BYTES = 16


class Sealer:
    """Seals and signs for the uses that are named."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret.reveal().encode()

    def seal(self, use: str, value: Any) -> bytes:
        """A JSON value that nobody else can read or change."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key(use)).encrypt(nonce, json.dumps(value).encode(), use.encode())

    def unseal(self, use: str, sealed: bytes) -> Any:
        """The value; ValueError if it was sealed by others, for another use, or changed."""
        try:
            return json.loads(AESGCM(self._key(use)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], use.encode()))
        except (InvalidTag, ValueError) as error:
            raise ValueError(f"this was not sealed here for {use}") from error

    def secret_for(self, use: str) -> Secret:
        """A secret of the use's own, for who signs by themselves."""
        return Secret(self._key(use).hex())

    def form_token(self, seed: str) -> str:
        """A token that a form carries and that only we could have made for this cookie."""
        mask = secrets.token_bytes(MASK_BYTES)
        return base64.urlsafe_b64encode(mask + self._signature(seed, mask)).decode()

    def is_form_token(self, seed: str, token: str) -> bool:
        """Whether we made the token for this cookie."""
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except ValueError:
            return False
        return hmac.compare_digest(raw[MASK_BYTES:], self._signature(seed, raw[:MASK_BYTES]))

    def _signature(self, seed: str, mask: bytes) -> bytes:
        return hmac.digest(self._key("forms"), mask + seed.encode(), hashlib.sha256)

    def _key(self, use: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"myjoe studio {use}".encode()).derive(self._secret)
