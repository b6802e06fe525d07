"""The central banks' eligibility rules in force, as the engine takes them."""

from functools import cache

from engine.ratings.repo import RepoRules
from ratings.repo_seeding import load_repo_document


@cache
def repo_rules() -> RepoRules:
    """The rules of ratings/data/repo, read once a process."""
    return RepoRules.from_dict(load_repo_document())
