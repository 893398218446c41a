"""Numba's front end with what a build of kernels needs of it, and no more.

Numba is made for Python's whole language and for machine code at once. Kernels use little of the
one, and a build wants IR and not code. What is left out here is more than half of Numba's time, and
none of it changes what a kernel means. Numba has no switches for it: what is replaced is private to
it, and `_ir.NUMBA_VERSION` is the one release in which it was tried.
"""
from __future__ import annotations

from typing import Any

from numba.core import codegen, compiler, cpu, ir, lowering, typed_passes, types, untyped_passes
from numba.core.compiler_machinery import PassManager, register_pass

class _Lower(lowering.Lower):  # type: ignore[misc]  # numba tells no types
    """A function's IR, without what lets go of a variable's former value: nothing is counted."""

    def storevar(self, value: Any, name: str, argidx: int | None = None) -> None:
        if name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(typed_passes.NativeLowering):  # type: ignore[misc]
    _name = "kernel_lowering"

    @property
    def lowering_class(self) -> Any:
        return _Lower


# What becomes of a kernel, step by step. Left out of Numba's own list is what kernels have nothing
# for: `with` and closures, calls and overloads to inline, arrays to fuse, branches that its own
# constants decide, the end of each variable, notes for people. Most of them go through the whole
# function to find that out.
_PASSES = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,  # a constant index of a tuple
    untyped_passes.ReconstructSSA,
    typed_passes.NopythonTypeInference,
    typed_passes.PreLowerStripPhis,
    _Lowering,
    typed_passes.NoPythonBackend,
)


class Pipeline(compiler.CompilerBase):  # type: ignore[misc]
    """The steps from Python's bytecode to LLVM's IR."""

    def define_pipelines(self) -> list[Any]:
        passes = PassManager("kernels")
        for step in _PASSES:
            passes.add_pass(step, step.__name__)
        passes.finalize()
        return [passes]


class _Unoptimised(codegen.CPUCodeLibrary):  # type: ignore[misc]
    """Functions and their helpers linked together, and no more."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        self._ensure_finalized()
        return 0  # as for a function that has no wrapper for Python: nobody calls it here


_resolved_by_numba = types.BaseFunction.get_call_type


def _resolved(self: Any, context: Any, args: Any, kws: Any) -> Any:
    """The signature of an operator or a function for these types. Numba looks for it each time
    anew, through all that it knows of arrays, dates and text; once for each kind of call is enough.
    """
    if kws:
        return _resolved_by_numba(self, context, args, kws)
    known = self.__dict__.setdefault("_known", {})
    key = tuple([arg._code for arg in args])
    found = known.get(key)
    if found is None:
        found = known[key] = _resolved_by_numba(self, context, args, kws)
    return found


_LEAVES = frozenset((str, int, float, bool, type(None), ir.Loc, ir.Const, ir.Global, ir.FreeVar, ir.Arg))


def _variables(self: Any, value: Any) -> list[Any]:
    """The variables in a part of a statement; most parts have none, which their type tells."""
    kind = type(value)
    if kind is ir.Var:
        return [value]
    if kind in _LEAVES:
        return []
    if isinstance(value, ir.Inst):
        found: list[Any] = value.list_vars()
        return found
    if kind is dict:
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return []
    found = []
    for part in value:
        kind = type(part)
        if kind is ir.Var:
            found.append(part)
        elif kind not in _LEAVES:
            found.extend(_variables(self, part))
    return found


def prepare() -> None:
    """Make Numba so, in this process and all that it forks."""
    made: Any = codegen.JITCPUCodegen
    made._library_class = _Unoptimised
    made.set_env = lambda *_: None  # it writes to where the machine code would be
    cpu.CPUContext.post_lowering = lambda *_: None  # it links what counts references, which kernels have none of
    types.BaseFunction.get_call_type = _resolved
    ir.Inst._rec_list_vars = _variables
    # What else Numba loads it loads when something is compiled; a process that is forked has it.
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
