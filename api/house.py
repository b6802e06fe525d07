"""What the API adds to the house."""

from lib import slots


def join() -> None:
    """Its fragment is known from now on."""
    slots.fill("account.tokens", "api/fragments/docs_link.html")
