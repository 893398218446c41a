"""Fax codes (ITU-T T.4 and T.6): whatever they say is 1-bit; what is asked here is whether they say
it to the last row.
"""
from __future__ import annotations

from linefinish.fax_rows import row_count

__all__ = ["row_count"]
