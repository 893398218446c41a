"""Access tokens of the embedded GoTrue: ES256, and the public key as a key set, as Supabase has
them.
"""
from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from myjoe.settings.variables import Secret
from myjoe_studio.identity.errors import IdentityRefusedError
from myjoe_studio.identity.tokens import AUDIENCE

ACCESS_SECONDS = 3600
KEY_ID = "local"
# The order of the curve P-256 (FIPS 186-5): a private key is a whole number below it.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Signer:
    """Makes access tokens and reads them. The key follows from the secret, so that a token outlives
    a restart.
    """

    def __init__(self, secret: Secret, issuer: str) -> None:
        material = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"myjoe local identity").derive(secret.reveal().encode())
        self._key = derive_private_key(1 + int.from_bytes(material) % (ORDER - 1), SECP256R1())
        self._issuer = issuer

    def key_set(self) -> Mapping[str, Any]:
        """The public key, for whoever checks tokens."""
        public = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KEY_ID, "alg": "ES256", "use": "sig"}]}

    def access_token(self, user: UUID, email: str, session: UUID) -> str:
        """A token for so many seconds from now."""
        now = int(time.time())
        claims = {
            "iss": self._issuer, "aud": AUDIENCE, "sub": str(user), "role": "authenticated", "email": email, "session_id": str(session),
            "iat": now, "exp": now + ACCESS_SECONDS, "aal": "aal1", "is_anonymous": False,
        }  # fmt: skip
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": KEY_ID})

    def claims(self, header: str) -> Mapping[str, Any]:
        """What the token of a request says; IdentityRefusedError if there is none of ours."""
        try:
            return jwt.decode(
                header.removeprefix("Bearer "), self._key.public_key(), algorithms=["ES256"], audience=AUDIENCE, issuer=self._issuer
            )
        except jwt.PyJWTError as error:
            raise IdentityRefusedError("bad_jwt", "invalid JWT") from error
