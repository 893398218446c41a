"""What the identity service refuses, and that it is away."""
from __future__ import annotations

from myjoe.errors import MyJoeError


class IdentityAwayError(MyJoeError):
    """The identity service did not answer, or not with what it should."""


class IdentityRefusedError(MyJoeError):
    """The identity service said no. `code` is GoTrue's word for it, such as invalid_credentials,
    email_not_confirmed, otp_expired, weak_password, same_password, refresh_token_not_found.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
