"""The description of the API: OpenAPI 3.1, from what each operation declared."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema


class RoomSchema(AutoSchema):
    """An operation is listed under the room that its view names."""

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", ""))]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # pages are declared, not guessed


@cache
def description() -> dict[str, Any]:
    """The whole description."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found
