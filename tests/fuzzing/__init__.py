"""Our own attackers: one structure-aware target a format, records made by hand, and guard pages
around every buffer that a kernel is handed. `python -m tests.fuzzing` runs them for a while, which
is what `make fuzz` does; `test_targets.py` has a short share of it.
"""
