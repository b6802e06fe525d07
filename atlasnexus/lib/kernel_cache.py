"""Where compiled kernels are kept: one folder for each state of the engine's sources."""

from hashlib import sha256
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2] / "engine"


def kernel_cache_dir(data_dir: Path) -> Path:
    """The folder of the sources as they stand.

    numba notices a changed function but not a changed one that it calls, so a folder kept across an upgrade would
    serve kernels of two versions at once.
    """
    digest = sha256()
    for path in sorted(ENGINE.rglob("*.py")):
        digest.update(str(path.relative_to(ENGINE)).encode())
        digest.update(path.read_bytes())
    return data_dir / "numba" / digest.hexdigest()[:16]
