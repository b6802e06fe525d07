"""Where compiled kernels are kept: one folder for each state of the sources that they are compiled from."""

import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "engine"
IMPORTED = re.compile(r"^\s*(?:from|import) (engine[.\w]*)(?: import ([\w, ]+))?", re.MULTILINE)
OF_A_STATE = re.compile("[0-9a-f]{16}")


def kernel_cache_dir(data_dir: Path) -> Path:
    """The folder of the sources as they stand.

    numba notices a changed function but not a changed one that it calls, so a folder kept across an upgrade would
    serve kernels of two versions at once.
    """
    digest = sha256()
    for path in _compiled_from():
        digest.update(str(path.relative_to(ENGINE)).encode())
        digest.update(path.read_bytes())
    return data_dir / "numba" / digest.hexdigest()[:16]


def _compiled_from() -> list[Path]:
    """The engine's modules with kernels, and all that they import of the engine, wherever in the file."""
    texts = {path: path.read_text(encoding="utf-8") for path in ENGINE.rglob("*.py")}
    found: set[Path] = set()
    left = [path for path, text in texts.items() if "njit" in text]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += [each for each in _imported(texts[path]) if each in texts]
    return sorted(found)


def _imported(text: str) -> Iterator[Path]:
    """Where the modules may lie that a text imports; a name that it imports from one may be a module too."""
    for module, names in IMPORTED.findall(text):
        path = ENGINE.parent.joinpath(*module.split("."))
        yield from (path.with_suffix(".py"), path / "__init__.py")
        yield from (path / f"{name.strip()}.py" for name in names.split(","))


def forget_older_kernels(data_dir: Path) -> None:
    """Of the folders of other states only the latest stays, for an upgrade that is taken back."""
    current = kernel_cache_dir(data_dir)
    others = [path for path in current.parent.glob("*/") if path != current and OF_A_STATE.fullmatch(path.name)]
    others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[:-1]:
        shutil.rmtree(path, ignore_errors=True)
