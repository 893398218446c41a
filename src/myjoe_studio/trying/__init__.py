"""The live try: a stranger's picture becomes line art, within bounds.

`running` is the parent, which pages ask; `child` is a process of its own for each picture. What a
stranger sends is decoded there and nowhere else.
"""
from __future__ import annotations
