"""The same small functions compiled and interpreted, to hold the vector types' two twins
together.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

# Compiled by the few steps that a build takes and without LLVM's optimiser, less than half of the
# time; with MYJOE_TESTS_ALL as Numba compiles by itself. The optimiser's part in all this is for
# the kernels, which use these functions (test_modes.py).
WHOLE = bool(os.environ.get("MYJOE_TESTS_ALL"))
HOW = {} if WHOLE else {"NUMBA_OPT": "0", "NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING": "1"}
STEPS = "" if WHOLE else ", pipeline_class=_numba.Pipeline, _nrt=False"
PROGRAM = """
import json, sys
import numba
import numpy as np
from linefinish.kernels import _numba
from linefinish.kernels.{module} import *
_numba.quicken()
made = {{}}
for name, source in json.load(sys.stdin).items():
    exec(source)
    made[name] = tests_twins.outcome(numba.njit(error_model="numpy"{steps})(locals()["call"]))
print(json.dumps(made))
"""


def sources(bodies: dict[str, str]) -> dict[str, str]:
    """Each expression, or statements that end in one, as a function of two buffers of each kind
    that it may read and one that it writes.
    """
    head = "def call(a, b, i, j, x, y, d, e, out8, out_i, out_f, out_d):\n    "
    made = {}
    for name, body in bodies.items():
        statements, _, expression = body.rpartition("; ")
        made[name] = f"{head}{statements + '; ' if statements else ''}return {expression}"
    return made


def outcome(call: Callable[..., Any], buffer: Callable[[np.ndarray], Any] = lambda array: array) -> list[Any]:
    """What a call returns and what it leaves in the buffers, as plain numbers; floats by their
    bits. `buffer` makes of an array what the call takes.
    """
    random = np.random.default_rng(11)
    a, b = (random.integers(0, 256, 200, np.uint8) for _ in range(2))
    b[::3] = a[::3]  # equal ones, too
    i, j = (random.integers(-(2**31), 2**31, 24, np.int64).astype(np.int32) for _ in range(2))
    i[:6] = 0, -1, 255, 256, 2**31 - 1, -(2**31)
    x, y = (random.normal(0, 1000, 24).astype(np.float32) for _ in range(2))
    x[:8] = 0, -0.0, 1, -1, 3.5, np.inf, np.nan, 1e-30
    y[:8] = -0.0, 0, 1, 2, 3.5, np.inf, 1, np.nan
    d, e = (random.normal(0, 1000, 16) for _ in range(2))
    d[:4] = 0, 1, -2, 1e300
    e[:4] = -0.0, 1, 3, 1e-300
    outputs = np.zeros(200, np.uint8), np.zeros(24, np.int32), np.zeros(24, np.float32), np.zeros(16)
    found = call(*map(buffer, (a, b, i, j, x, y, d, e, *outputs)))
    returned = np.float64(found).view(np.int64).item() if isinstance(found, float) else int(found)
    return [returned, outputs[0].tolist(), *(output.view(f"i{output.itemsize}").tolist() for output in outputs[1:])]


def compiled(module: str, bodies: dict[str, str]) -> dict[str, list[Any]]:
    """The outcome of each body over the functions of kernels/<module>.py, by Numba."""
    program = f"import tests.linefinish.kernels.twins as tests_twins\n{PROGRAM.format(module=module, steps=STEPS)}"
    environment = {**os.environ, **HOW, "LINEFINISH_KERNELS": "jit", "PYTHONPATH": os.pathsep.join([os.getcwd(), *filter(None, sys.path)])}
    command, given = [sys.executable, "-c", program], json.dumps(sources(bodies))
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


def interpreted(functions: dict[str, Any], body: str) -> list[Any]:
    """The same of one body by the interpreter, over functions as they are written."""
    scope = dict(functions)
    exec(sources({"": body})[""], scope)
    return outcome(scope["call"], memoryview)
