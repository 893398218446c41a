"""A user's customer at Stripe, as far as it concerns the worker: it goes with the account."""
from __future__ import annotations

from urllib.parse import quote

from myjoe.providers.http import Http

# Stripe's answer to this is a line of JSON.
ANSWER_BYTES_MAX = 100_000
TIMEOUT_SECONDS = 30.0


class Customers:
    """Stripe, of which only one thing is asked."""

    def __init__(self, base_url: str, key: str) -> None:
        self._http = Http("stripe", f"{base_url}/v1", key, bytes_max=ANSWER_BYTES_MAX, timeout_seconds=TIMEOUT_SECONDS)

    async def delete(self, customer: str) -> None:
        """Delete a customer, as often as it is asked: the address, the name and the cards go, the
        invoices stay (https://docs.stripe.com/api/customers/delete).
        """
        await self._http.json("DELETE", f"customers/{quote(customer, safe='')}", expected={404})

    async def close(self) -> None:
        """Let the connection go."""
        await self._http.close()
