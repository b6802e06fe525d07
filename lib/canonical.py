"""One text for one content: sorted keys, one way to write a number, so equal content has an equal hash."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any


def canonical_text(content: Any) -> str:
    """JSON text of `content`: keys sorted, no spaces, 1, 1.0 and Decimal("1.00") all written as 1.

    >>> canonical_text({"b": 1.50, "a": [2.0, 1e-7]})
    '{"a":[2,0.0000001],"b":1.5}'
    """
    return _text(content)


def canonical_hash(content: Any) -> str:
    """SHA-256 of the canonical text, in hex."""
    return sha256(canonical_text(content).encode()).hexdigest()


def _text(node: Any) -> str:
    if node is None or isinstance(node, bool):
        return json.dumps(node)
    if isinstance(node, str):
        return json.dumps(str(node), ensure_ascii=False)
    if isinstance(node, int | float | Decimal):
        return _number(node)
    if isinstance(node, Mapping):
        return "{" + ",".join(f"{_key(k)}:{_text(node[k])}" for k in sorted(node)) + "}"
    if isinstance(node, list | tuple):
        return "[" + ",".join(_text(item) for item in node) + "]"
    raise TypeError(f"expected JSON content, got {type(node).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expected text as a key, got {type(key).__name__}")
    return json.dumps(key, ensure_ascii=False)


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    # repr is the shortest text that reads back as the same float; Decimal writes it without an exponent.
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = format(exact, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
