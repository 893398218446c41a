"""linefinish against the other tools of its kind: speed, memory and quality, measured interleaved
in one run.
"""
