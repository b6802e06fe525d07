"""What every verb that writes a row shares."""

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db import models

from engine.errors import Problem
from lib.errors import Invalid


def save_checked(row: models.Model, exclude: Iterable[str] = (), only: Collection[str] | None = None) -> None:
    """The row saved, or only some of its fields; Invalid with a problem for each field that its model refuses."""
    unasked = {field.name for field in row._meta.fields if only is not None and field.name not in only}
    try:
        row.full_clean(exclude=unasked | set(exclude))
    except ValidationError as error:
        raise Invalid(_problems(error)) from error
    row.save(update_fields=only)


def refuse(code: str, place: str, sentence: str) -> Invalid:
    """A refusal of one problem, to be raised."""
    return Invalid([Problem(code, place, sentence)])


def _problems(error: ValidationError) -> list[Problem]:
    return [
        Problem("refused", field, f"{field.replace('_', ' ').capitalize()}: {message}")
        for field, messages in error.message_dict.items()
        for message in messages
    ]
