"""What tables add to the house."""

from accounts import audit

WORDS = {
    "saved_view.deleted": "Saved view deleted",
    "saved_view.renamed": "Saved view renamed",
    "saved_view.saved": "View of a table saved",
    "saved_view.shared": "Link of a saved view opened or closed",
}


def join() -> None:
    """The room's words are known from now on."""
    audit.declare(WORDS)
