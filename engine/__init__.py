"""The structuring engine: pure NumPy and numba, deterministic, without clock, disk or network."""

ENGINE_VERSION = "2.0.0"
