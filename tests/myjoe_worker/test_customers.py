"""What the worker asks of Stripe: that a customer goes."""
from __future__ import annotations

import asyncio

import pytest

from myjoe.errors import OperatorError
from myjoe_worker.customers import Customers
from tests.support.peers.stripe import StripePeer


def deleted(peer: StripePeer, customer: str, key: str) -> None:
    async def play() -> None:
        customers = Customers(peer.origin, key)
        try:
            await customers.delete(customer)
        finally:
            await customers.close()

    asyncio.run(play())


def test_a_customer_goes_with_what_it_pays_and_may_be_gone_already() -> None:
    with StripePeer() as peer:
        assert isinstance(peer, StripePeer)
        customer = peer.objects.add("cus", "customer", email="a@b.c")["id"]
        for _ in range(2):
            deleted(peer, customer, peer.key)
        assert customer not in peer.objects.all


@pytest.mark.parametrize("customer", ["cus_1/../../charges", "cus_1?expand=1", "cus_é"])
def test_an_id_stays_one(customer: str) -> None:
    with StripePeer() as peer:
        assert isinstance(peer, StripePeer)
        deleted(peer, customer, peer.key)
        [request] = peer.received
        assert request.path.count("/") == 3 and "?" not in request.path


def test_a_wrong_key_is_the_operators_trouble() -> None:
    with StripePeer() as peer:
        assert isinstance(peer, StripePeer)
        with pytest.raises(OperatorError):
            deleted(peer, "cus_1", "sk_wrong")
