"""Two administrators, the seeded rules, and a draft of the next version: the same as in the room that declares them."""

from tests.ratings.conftest import content, draft, seeded

__all__ = ["content", "draft", "seeded"]
