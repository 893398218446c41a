"""`StepRoute`: who does a step of an operation at present. The routes stand in the database, where
the guard may change them.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StepRoute:
    """Who does a step of an operation at present, and how much of what the governor
    reckons with.
    """

    operation: str
    step: str
    provider: str
    model: str
    units: Mapping[str, float]
