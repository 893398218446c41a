"""Numba's front end with what a build of kernels needs of it, and no more.

Numba is made for Python's whole language and for machine code at once. Kernels use little of the
one, and a build wants IR and not code. What is left out here is more than half of Numba's time, and
none of it changes what a kernel means. Numba has no switches for it: what is replaced is private to
it, and `_ir.NUMBA_VERSION` is the one release in which it was tried.
"""
from __future__ import annotations

from typing import Any

from numba.core import codegen, compiler, cpu, errors, ir, lowering, typed_passes, typeinfer, types, typing, untyped_passes
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


_CONSTANTS = (ir.Const, ir.Global, ir.FreeVar)


@register_pass(mutates_CFG=True, analysis_only=False)
class _Typing(typed_passes.NopythonTypeInference):  # type: ignore[misc]
    """The type of each variable. Numba would make a variable of each place where one gets a value,
    and LLVM does the same again in less time. A kernel's variables keep one type, so it is not
    needed here. What is no such variable is refused: of an i64 here and a u64 there Numba makes
    an f64 without a word.
    """

    _name = "kernel_typing"

    def run_pass(self, state: Any) -> bool:
        blocks = state.func_ir.blocks.values()
        for block in blocks:
            block.body = [part for statement in block.body for part in self._parts(block, statement)]
        super().run_pass(state)
        for block in blocks:
            for assigned in block.find_insts(ir.Assign):
                if isinstance(assigned.value, ir.Var) and assigned.target.name[0] != "_":  # what nobody reads
                    kept, given = (types.unliteral(state.typemap[one.name]) for one in (assigned.target, assigned.value))
                    if not _holds(kept, given):
                        raise errors.TypingError(f"{assigned.target.name} is {kept} elsewhere, and {given} here", loc=assigned.loc)
        return True

    def _parts(self, block: Any, statement: Any) -> list[Any]:
        """A variable that begins with a constant of the module is not that constant for ever."""
        if not isinstance(statement, ir.Assign) or not isinstance(statement.value, _CONSTANTS) or statement.target.is_temp:
            return [statement]
        constant = block.scope.redefine(f"${statement.target.name}", statement.loc)
        return [ir.Assign(statement.value, constant, statement.loc), ir.Assign(constant, statement.target, statement.loc)]


def _holds(kept: Any, given: Any) -> bool:
    """Whether a variable of one type holds whatever value of the other."""
    if kept == given:
        return True
    if not isinstance(kept, types.Integer) or not kept.signed:
        return False
    return isinstance(given, types.Boolean) or (isinstance(given, types.Integer) and given.bitwidth < kept.bitwidth)


# What becomes of a kernel, step by step. Left out of Numba's own list is what kernels have nothing
# for: `with` and closures, calls and overloads to inline, arrays to fuse, branches that its own
# constants decide, the end of each variable, notes for people. Most of them go through the whole
# function to find that out.
_PASSES = (
    untyped_passes.TranslateByteCode,
    untyped_passes.FixupArgs,
    untyped_passes.IRProcessing,
    untyped_passes.GenericRewrites,  # a constant index of a tuple
    _Typing,
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


def _once(resolved: Any) -> Any:
    """Numba's search for the signature of a call or an operator. It looks for it each time anew,
    through all that it knows of arrays, dates and text; once for each kind of call is enough.
    """

    def known(self: Any, of: Any, args: Any, kws: Any) -> Any:
        try:
            key = (getattr(of, "_code", of), *[arg._code for arg in args])
        except AttributeError:  # an index that is a number and not a type
            return resolved(self, of, args, kws)
        if kws:
            return resolved(self, of, args, kws)
        all_known = self.__dict__.setdefault("_known", {})
        found = all_known.get(key)
        if found is None:
            found = all_known[key] = resolved(self, of, args, kws)
        return found

    return known


def _propagated(self: Any, inference: Any) -> list[Any]:
    """The errors of a round through all statements, each of which may tell types to others. Numba
    collects warnings meanwhile, which nobody reads here.
    """
    found = []
    for constraint in self.constraints:
        try:
            constraint(inference)
        except (errors.TypingError, errors.ForceLiteralArg) as error:
            found.append(error)
    return found


_LEAVES = frozenset((str, int, float, bool, type(None), ir.Loc, ir.Arg, *_CONSTANTS))


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


def quicken() -> None:
    """Have Numba look for each signature once, in this process and all that it forks. What comes
    out is the same, whether it is IR or machine code.
    """
    typing.BaseContext.resolve_function_type = _once(typing.BaseContext.resolve_function_type)
    types.BaseFunction.get_call_type = _once(types.BaseFunction.get_call_type)
    typeinfer.ConstraintNetwork.propagate = _propagated
    ir.Inst._rec_list_vars = _variables


def prepare() -> None:
    """Make Numba so, in this process and all that it forks: it makes IR, and no machine code."""
    quicken()
    made: Any = codegen.JITCPUCodegen
    made._library_class = _Unoptimised
    made.set_env = lambda *_: None  # it writes to where the machine code would be
    cpu.CPUContext.post_lowering = lambda *_: None  # it links what counts references, which kernels have none of
    # What else Numba loads it loads when something is compiled; a process that is forked has it.
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
