"""Eight numbers side by side, on which one instruction works: what a kernel written for one number runs on as well.

A kernel takes its figures as numbers or as lanes and reads the same: `+ - * / < <= > >= ==`, `min` and `max` work lane by
lane, a number beside lanes counts for each of them, and `pick` takes the place of a branch. Each lane goes through the
same operations in the same order as a number would, so its result is the same to the last bit.
"""

from __future__ import annotations

import math
import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.core.imputils import lower_builtin, lower_cast
from numba.core.typeconv import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

LANES = 8
_NUMBERS, _TRUTHS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(1), LANES)
_WORD = ir.IntType(32)


class LanesType(types.Type):
    """The compiler's type of eight numbers; a number where lanes are expected becomes eight of it."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")

    def can_convert_from(self, _: Any, other: types.Type) -> Any:
        """A number counts for each lane."""
        return Conversion.safe if isinstance(other, types.Float | types.Integer) else None


class TruthsType(types.Type):
    """The compiler's type of eight truths."""

    def __init__(self) -> None:
        super().__init__(name="Truths")


lanes, truths = LanesType(), TruthsType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _NUMBERS)


@register_model(TruthsType)
class _TruthsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _TRUTHS)


@lower_cast(types.Float, LanesType)
@lower_cast(types.Integer, LanesType)
def _each_the_same(context: Any, builder: Any, given: Any, _: Any, value: Any) -> Any:
    number = context.cast(builder, value, given, types.float64)
    first = builder.insert_element(ir.Constant(_NUMBERS, ir.Undefined), number, _WORD(0))
    return builder.shuffle_vector(
        first, ir.Constant(_NUMBERS, ir.Undefined), ir.Constant(ir.VectorType(_WORD, LANES), [0] * LANES)
    )


def _operates(function: Any, result: types.Type, lower: Any) -> None:
    """Let `function` take two numbers of which at least one is lanes; `lower` builds its instructions."""

    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if kws or len(args) != 2 or lanes not in args:
                return None
            fits = all(each == lanes or lanes.can_convert_from(None, each) for each in args)
            return signature(result, lanes, lanes) if fits else None

    infer_global(function)(Template)
    lower_builtin(function, lanes, lanes)(lambda context, builder, sig, args: lower(builder, *args))


def _lower_of(sign: str) -> Any:
    """As Python's `min` and `max`: the second where it compares so with the first."""
    return lambda builder, a, b: builder.select(builder.fcmp_ordered(sign, b, a), b, a)


for _operator, _build in (
    (operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv"),
):  # fmt: skip
    _operates(_operator, lanes, lambda builder, a, b, build=_build: getattr(builder, build)(a, b))
    _in_place = getattr(operator, f"i{_operator.__name__}")
    _operates(_in_place, lanes, lambda builder, a, b, build=_build: getattr(builder, build)(a, b))
for _operator, _sign in (
    (operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="), (operator.eq, "=="),
):  # fmt: skip
    _operates(_operator, truths, lambda builder, a, b, sign=_sign: builder.fcmp_ordered(sign, a, b))
_operates(min, lanes, _lower_of("<"))
_operates(max, lanes, _lower_of(">"))


def _maps(function: Any) -> None:
    """Let a `function` of one number take lanes: it is called for each, as no instruction works it out."""

    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return signature(lanes, lanes) if args == (lanes,) and not kws else None

    def lower(context: Any, builder: Any, _: Any, args: Any) -> Any:
        one = signature(types.float64, types.float64)
        call, result = context.get_function(function, one), args[0]
        for lane in range(LANES):
            number = call(builder, (builder.extract_element(args[0], _WORD(lane)),))
            result = builder.insert_element(result, number, _WORD(lane))
        return result

    infer_global(function)(Template)
    lower_builtin(function, lanes)(lower)


for _function in (math.exp, math.log, math.expm1):
    _maps(_function)


@infer_global(operator.neg)
class _Negative(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(lanes, lanes) if args == (lanes,) and not kws else None


@lower_builtin(operator.neg, lanes)
def _negative(context: Any, builder: Any, _: Any, args: Any) -> Any:
    return builder.fneg(args[0])


@infer_global(operator.and_)
@infer_global(operator.or_)
class _Joined(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(truths, truths, truths) if args == (truths, truths) and not kws else None


@lower_builtin(operator.and_, truths, truths)
def _both(context: Any, builder: Any, _: Any, args: Any) -> Any:
    return builder.and_(*args)


@lower_builtin(operator.or_, truths, truths)
def _either(context: Any, builder: Any, _: Any, args: Any) -> Any:
    return builder.or_(*args)


@intrinsic
def pick(context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`; both are worked out."""
    kind = lanes if condition == truths else types.float64

    def build(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.select(*args)

    return signature(kind, truths if condition == truths else types.boolean, kind, kind), build


@intrinsic
def over(context: Any, amount: Any, divisor: Any) -> Any:
    """A quotient; by nil it is infinite or no number, for a `pick` to pass over."""
    kind = lanes if lanes in (amount, divisor) else types.float64

    def build(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.fdiv(*args)

    return signature(kind, kind, kind), build


@intrinsic
def any_of(context: Any, condition: Any) -> Any:
    """True where a condition holds in any lane."""

    def build(context: Any, builder: Any, _: Any, args: Any) -> Any:
        if condition != truths:
            return args[0]
        bits = ir.IntType(LANES)
        return builder.icmp_unsigned("!=", builder.bitcast(args[0], bits), bits(0))

    return signature(types.boolean, condition), build


@intrinsic
def fails(context: Any, condition: Any) -> Any:
    """True where a condition does not hold."""

    def build(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.not_(args[0])

    return signature(condition, condition), build


@intrinsic
def each(context: Any, value: Any, like: Any) -> Any:
    """A number as `like` is one: itself, or in every lane. What a loop changes begins so."""
    kind = lanes if like == lanes else types.unliteral(value)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return args[0]

    return signature(kind, kind, like), build


@intrinsic
def width_of(context: Any, like: Any) -> Any:
    """How many figures one of these is: of lanes eight, of a number one."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.get_constant(types.intp, LANES if like == lanes else 1)

    return signature(types.intp, like), build


def _place(context: Any, builder: Any, array_type: Any, array: Any, at: Any, kind: Any) -> Any:
    """Where in an array in one row a number, or the first of the lanes, stands."""
    if (array_type.ndim, array_type.layout, array_type.dtype) != (1, "C", types.float64):
        raise TypingError(f"Lanes stand side by side in one row of numbers, not in {array_type}.")
    made = context.make_array(array_type)(context, builder, array)
    first = builder.gep(made.data, [at], inbounds=True)
    return builder.bitcast(first, (_NUMBERS if kind == lanes else ir.DoubleType()).as_pointer())


@intrinsic
def take(context: Any, array: Any, at: Any, like: Any) -> Any:
    """The number at a place of an array in one row, or the lanes that begin there, as `like` is the one or the other."""
    kind = lanes if like == lanes else types.float64

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig.args[0], args[0], args[1], kind), align=8)

    return signature(kind, array, types.intp, like), build


@intrinsic
def take_lanes(context: Any, array: Any, at: Any) -> Any:
    """The lanes that begin at a place of an array in one row."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig.args[0], args[0], args[1], lanes), align=8)

    return signature(lanes, array, types.intp), build


@intrinsic
def put(context: Any, array: Any, at: Any, value: Any) -> Any:
    """A number into a place of an array in one row, or lanes into those that begin there."""
    kind = lanes if value == lanes else types.float64

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, sig.args[0], args[0], args[1], kind), align=8)
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, kind), build
