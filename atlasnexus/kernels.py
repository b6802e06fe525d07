"""Compiled kernels, ready before they are needed."""

from engine import permutations


def warm_up() -> None:
    """The engine's kernels are loaded; compiled as well, the first time on a machine."""
    load = getattr(permutations, "warm_up", None)
    if load is not None:
        load()
