"""Where the things that entries tell of can be seen; each room says so for its own."""

from uuid import UUID

from django.urls import reverse

# Label of the model -> name of the page that takes its code.
_pages: dict[str, str] = {}


def show_at(label: str, page: str) -> None:
    """From now on entries about `label` lead to `page`; for the rooms' `ready`."""
    _pages[label] = page


def page_of(label: str, code: UUID | None) -> str | None:
    """The address of a thing, where its room has named a page for it."""
    return reverse(_pages[label], args=[code]) if code and label in _pages else None
