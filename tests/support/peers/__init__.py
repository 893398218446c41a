"""The providers' side of the wire, on real sockets: what they answer, how they fail, and what they
bill.

    with ReplicatePeer() as peer:
        peer.script("create", refuse(429, {"detail": "Request was throttled."}, **{"Retry-After":
        "7"})) …peer.url… assert peer.billed == {…}

A peer refuses what the provider would refuse: a wrong key, a size that is not in its list, a schema
that is not strict.
"""
from tests.support.peers.openai import OpenAIPeer
from tests.support.peers.recraft import RecraftPeer
from tests.support.peers.replicate import ReplicatePeer
from tests.support.peers.server import Fault, cut, drop, hang, html, huge, packed, redirect, refuse
from tests.support.peers.storage import S3_REFUSALS, StoragePeer
from tests.support.peers.stripe import StripePeer

__all__ = [
    "S3_REFUSALS", "Fault", "OpenAIPeer", "RecraftPeer", "ReplicatePeer", "StoragePeer", "StripePeer", "cut", "drop", "hang", "html",
    "huge", "packed", "redirect", "refuse",
]  # fmt: skip
