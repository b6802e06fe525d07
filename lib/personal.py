"""What rooms hold of people: given out to whoever it is about, taken away with an account.

A room says so in its `house.py`, once for each model that names a person; a model of which nothing is said fails
`tests/accounts/test_personal_data.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet

# Fields that are given out of every model that has them.
COMMON = (
    *("code", "number", "kind", "name", "title", "file_name", "purpose", "state", "status"),
    *("text", "note", "notes", "reason", "created_at", "updated_at", "made_at", "recipient"),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one model that are somebody's: by the fields that name them, or by a value that they have in common."""

    name: str  # of its files
    model: type[Model]
    by: tuple[str, ...]
    where: Mapping[str, str]  # look-up of the model: attribute of the person
    fields: tuple[str, ...]  # what is given out
    goes: bool  # with the account

    def of(self, person: Any) -> QuerySet[Any]:
        """The person's rows."""
        found = Q(pk__in=())
        for name in self.by:
            found |= Q(**{name: person.pk})
        for look_up, attribute in self.where.items():
            found |= Q(**{look_up: getattr(person, attribute)})
        return self.model._base_manager.filter(found).order_by("pk")

    def rows(self, person: Any) -> Iterator[dict[str, Any]]:
        """What is given out of each, with the fields that name the person."""
        for row in self.of(person).values(*self.fields, *self.by).iterator():
            named = [name for name in self.by if row.pop(name) == person.pk]
            yield {**row, "named_in": ", ".join(named)} if named else row


_holdings: dict[str, Holding] = {}


def hold(
    *models: type[Model],
    by: Collection[str] | None = None,
    where: Mapping[str, str] | None = None,
    also: Collection[str] = (),
    goes: bool = False,
    name: str = "",
) -> None:
    """From now on the models' rows are a person's by these fields: all that name people, unless said otherwise.

    Given out are COMMON fields and `also`; what `goes` is deleted with the account, the rest stays under its new name.
    Files are called after the model, `tables_savedview`, or as `name` says.
    """
    for model in models:
        known = {each.name for each in model._meta.concrete_fields}
        fields = tuple(dict.fromkeys((*(name for name in COMMON if name in known), *also)))
        called = name or model._meta.label_lower.replace(".", "_")
        through = names_of_people(model) if by is None else tuple(by)
        _holdings[called] = Holding(called, model, through, where or {}, fields, goes)


def holdings() -> list[Holding]:
    """Every model that holds something of people, by name."""
    return sorted(_holdings.values(), key=lambda each: each.name)


def names_of_people(model: type[Model]) -> tuple[str, ...]:
    """The fields of the model's own table that name a person."""
    return tuple(each.name for each in model._meta.local_fields if each.related_model is get_user_model())
