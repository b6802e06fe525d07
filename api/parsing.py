"""JSON from outside, read so that nothing in it can surprise what stores it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

NOT_JSON = "The body is not JSON: {}."


class SoundJsonParser(JSONParser):
    """Finite numbers, text that can be written as UTF-8 without hidden ends, no nesting without end."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
            text = json.dumps(found, ensure_ascii=False, allow_nan=False)
            text.encode()
        except RecursionError:
            raise ParseError(NOT_JSON.format("it is nested too deeply")) from None
        except UnicodeError:
            raise ParseError(NOT_JSON.format("a text in it is half a character")) from None
        except ValueError:
            raise ParseError(NOT_JSON.format("a number in it is too large")) from None
        if "\\u0000" in text:
            raise ParseError(NOT_JSON.format("a text in it holds a null character"))
        return found
