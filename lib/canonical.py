"""One text for one content: sorted keys, one way to write a number, so equal content has an equal hash."""

import math
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

_WORDS = {None: "null", True: "true", False: "false"}


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
    if isinstance(node, str):
        return encode_basestring(node)
    if node is None or isinstance(node, bool):
        return _WORDS[node]
    if isinstance(node, int | float | Decimal):
        return _number(node)
    if isinstance(node, Mapping):
        return "{" + ",".join([f"{_key(key)}:{_text(node[key])}" for key in sorted(node)]) + "}"
    if isinstance(node, list | tuple):
        return "[" + ",".join([_text(item) for item in node]) + "]"
    raise TypeError(f"expected JSON content, got {type(node).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"expected text as a key, got {type(key).__name__}")
    return encode_basestring(key)


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    # repr is the shortest text that reads back as the same float; Decimal writes it without an exponent.
    text = format(value, "f") if isinstance(value, Decimal) else repr(value)
    text = format(Decimal(text), "f") if "e" in text else text
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
