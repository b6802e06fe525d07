"""What tables add to the house."""

from accounts import audit
from lib import personal
from tables.models import SavedView

WORDS = {
    "saved_view.deleted": "Saved view deleted",
    "saved_view.renamed": "Saved view renamed",
    "saved_view.saved": "View of a table saved",
    "saved_view.shared": "Link of a saved view opened or closed",
}


def join() -> None:
    """The room's words, and what it holds of people, are known from now on."""
    audit.declare(WORDS)
    personal.hold(SavedView, also=("query", "is_shared"), goes=True)
