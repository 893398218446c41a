"""Leases, and how they are kept."""
