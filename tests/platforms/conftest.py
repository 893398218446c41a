"""Which platforms' tests are always run: not Windows', as Wine takes half a gigabyte (`make
test-windows`). Its machine code is run in all cases, by `test_targets.py` of the kernels.
"""
import os

collect_ignore = [] if os.environ.get("MYJOE_TESTS_ALL") else ["test_windows.py"]
