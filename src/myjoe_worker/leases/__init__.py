"""Leases, and how they are kept: `lease` is one, `renewing` keeps all that a worker has, and
`clock` is what they go by.
"""
