"""Where compiled kernels are kept: one folder for each state of the engine's sources."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "engine"
OF_A_STATE = re.compile("[0-9a-f]{16}")


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


def forget_older_kernels(data_dir: Path) -> None:
    """Of the folders of other states only the latest stays, for an upgrade that is taken back."""
    current = kernel_cache_dir(data_dir)
    others = [path for path in current.parent.glob("*/") if path != current and OF_A_STATE.fullmatch(path.name)]
    others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[:-1]:
        shutil.rmtree(path, ignore_errors=True)
