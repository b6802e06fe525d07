"""A kind of versioned data as small as one can be: one table, declared once; its pages, and its place in the admin.

The app of records has no migrations, so that the test database makes the table by itself.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import ForeignKey, Manager
from django.urls import path

from accounts.policies import declare
from atlasnexus.urls import urlpatterns as the_houses
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from records.admin import VersionAdmin
from records.declare import declare_kind
from records.kinds import RecordKind, TableSpec
from records.models import Version, version_constraints
from records.urls import version_urls

FIELDS = (
    FieldSpec("kind", "Kind", FieldKind.TEXT, required=True),
    FieldSpec("weight", "Weight", FieldKind.NUMBER, required=True, minimum=0, maximum=10),
    FieldSpec("tolerance_rate", "Tolerance", FieldKind.NUMBER, "rate", minimum=0, maximum=1),
)


def read(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The toys' rows; raises InputProblems with every fault at its row's number."""
    found, problems = [], []
    for number, row in enumerate(content.get("toys", [])):
        reader = Reader(FIELDS, {name: value for name, value in row.items() if name not in ("provenance", "source")})
        found.append(reader.read())
        problems += [Problem(p.code, f"toys.{number}.{p.place}", p.message) for p in reader.problems]
    if problems:
        raise InputProblems(problems)
    return found


TOYS = RecordKind(
    name="toy_set",
    noun="toy set",
    title="Toys",
    about="What there is to play with.",
    form="test/toys/1",
    pages="toys",
    tables=(TableSpec("toys", "Toys", "toys", FIELDS, ("kind",), is_required=True),),
    write=declare("toys.write", refusal="Only administrators work on toys."),
    read=read,
)


class ToySet(Version):
    kind = TOYS
    objects: ClassVar[Manager["ToySet"]] = Manager()

    class Meta(Version.Meta):
        app_label = "records"
        constraints = version_constraints("toy_set")


# Its table is made before those it refers to, which PostgreSQL does not allow.
for _field in ToySet._meta.local_fields:
    if isinstance(_field, ForeignKey):
        _field.db_constraint = False  # type: ignore[attr-defined]


def document(**head: Any) -> dict[str, Any]:
    """Two toys, as they would be brought in."""
    said = {"provenance": "assumption", "source": "the nursery"}
    toys = [
        {"kind": "ball", "weight": 1, "tolerance_rate": 0.05, **said},
        {"kind": "train", "weight": 2.5, "tolerance_rate": None, **said},
    ]
    told = {"form": TOYS.form, "family": "nursery", "version": 1, "name": "Nursery", "effective_from": "2025-01-01"}
    return {**told, "notes": "", "content": {"version": "nursery/1", "toys": toys}, **head}


declare_kind(ToySet)
_site = AdminSite(name="admin")
# Pages lead to the house's own in the admin too.
_site._registry.update(admin.site._registry)
_site.register(ToySet, VersionAdmin)
urlpatterns = [
    *version_urls(ToySet, "toys/"),
    *(each for each in the_houses if getattr(each, "namespace", None) != "admin"),
    path("admin/", _site.urls),
]
