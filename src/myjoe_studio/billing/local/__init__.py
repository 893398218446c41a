"""A Stripe of one's own, for development without an account: the real client talks to it, it signs
its events, and everything behind it is the code of production. No money moves.
"""
