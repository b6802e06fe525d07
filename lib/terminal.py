"""What commands share: JSON files read with a refusal in words, tables of text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError


def json_file(path: Path | None, kind: type[Any] = dict) -> Any:
    """The content of a file, None where none is named; CommandError for what is no JSON of this kind."""
    if path is None:
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: is not UTF-8 text (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise CommandError(f"{path}: is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    if not isinstance(content, kind):
        wanted = "an object" if kind is dict else "a list"
        raise CommandError(f"{path}: expected {wanted}, got a {type(content).__name__}.")
    return content


def text_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells under their heads, each column as wide as its widest."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
