"""Pieces of many answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

Of = serializers.Serializer[Any]


class Person(Of):
    """Somebody, as others may know them."""

    name = serializers.CharField(source="__str__")
    email = serializers.EmailField()


class Found(Of):
    """Something wrong with data, or worth a second look."""

    code = serializers.CharField()
    place = serializers.CharField()
    message = serializers.CharField()


def code_of(source: str, **options: Any) -> serializers.UUIDField:
    """The code of a related row."""
    return serializers.UUIDField(source=f"{source}.code", read_only=True, **options)


class Reason(Of):
    """Why."""

    reason = serializers.CharField(allow_blank=True, default="", max_length=4_000)


class Nothing(Of):
    """No fields."""
