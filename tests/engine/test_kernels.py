"""Kernels that do not count who holds an array: none makes one, and none gives one back."""

from __future__ import annotations

from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from numba.core.errors import NumbaError, NumbaRuntimeError
from numba.core.registry import CPUDispatcher

from engine.basics.kernels import uncounted
from engine.deal import judgement, layers, result
from engine.permutations import abreast


def _holds_array(kind: Any) -> bool:
    if hasattr(kind, "_fields"):
        return any(map(_holds_array, get_type_hints(kind).values()))
    return get_origin(kind) is np.ndarray or any(map(_holds_array, get_args(kind)))


@pytest.mark.parametrize("module", [layers, judgement, result, abreast])
def test_none_gives_an_array_back(module: ModuleType):
    kernels = [
        kernel for kernel in vars(module).values()
        if isinstance(kernel, CPUDispatcher) and kernel.targetoptions.get("_nrt") is False
    ]  # fmt: skip
    assert kernels
    for kernel in kernels:
        assert not _holds_array(get_type_hints(kernel.py_func)["return"]), kernel
    assert _holds_array(get_type_hints(layers.lock_steps.py_func)["return"])


@uncounted
def _makes_one(size):
    return np.zeros(size).sum()


def test_what_makes_an_array_does_not_compile():
    with pytest.raises((NumbaError, NumbaRuntimeError)):
        _makes_one(3)
