from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from lib.verbs import save_checked
from records.models import Status, V
from records.services._shared import audited, record, with_content


@transaction.atomic
def install_version(*, model: type[V], document: Mapping[str, Any]) -> V:
    """The document's version, active from the start as the installation brings it; people's need a second approval."""
    version = model(
        family=document["family"],
        version=document["version"],
        name=document["name"],
        status=Status.ACTIVE,
        effective_from=date.fromisoformat(document["effective_from"]),
        notes=document.get("notes", ""),
    )
    save_checked(with_content(version, document["content"]))
    record("added", version, None, after=audited(version))
    return version


@transaction.atomic
def install_missing(*, model: type[V], documents: Iterable[Mapping[str, Any]]) -> list[V]:
    """The documents' versions, added where they are not there yet."""
    known = model._default_manager
    return [
        known.filter(family=document["family"], version=document["version"]).first()
        or install_version(model=model, document=document)
        for document in documents
    ]
