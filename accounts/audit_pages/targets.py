"""Where the things that entries tell of can be seen; each room says so for its own."""

from uuid import UUID

from django.apps import apps
from django.urls import reverse

from lib.text import label_of

# Label of the model -> name of the page that takes its code.
_pages: dict[str, str] = {}


def show_at(label: str, page: str) -> None:
    """From now on entries about `label` lead to `page`; for the rooms' `ready`."""
    _pages[label] = page


def type_words(label: str) -> str:
    """The kind of record in words, by its model's label; of a model that is gone its name, spelled out."""
    try:
        words = str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        words = label.rpartition(".")[2]
    return label_of(words)


def page_of(label: str, code: UUID | None) -> str | None:
    """The address of a thing, where its room has named a page for it."""
    return reverse(_pages[label], args=[code]) if code and label in _pages else None
