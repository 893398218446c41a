"""The database: a server of our own where there is none, and the migrations that
make it My Joe's.
"""
