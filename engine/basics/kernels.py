"""How a kernel is compiled that only reads and fills arrays of its caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}


def uncounted(kernel: Kernel) -> Kernel:
    """The kernel compiled, without counting who holds the arrays that are handed to it.

    Numba counts that for each array in a tuple, some hundred a call: nine tenths of the time of a small layer. A kernel
    that makes no array, and gives none back, has no need of it. What it calls is compiled so, too; what makes an array
    does not compile.
    """
    return cast("Kernel", njit(**_OPTIONS)(kernel))
