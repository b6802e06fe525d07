"""The border between a financing's row and the engine's terms: a choice read, named, priced."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from engine import ENGINE_VERSION
from engine.deal import Choice, Deal
from engine.deal.axes import Lever
from engine.project import ProjectInputs
from engine.ratings import RuleSet as EngineRuleSet
from engine.terms import StructuringTerms
from financings.models import Financing
from lib.canonical import canonical_hash
from projects.models import Project, Snapshot
from ratings.models import MarketSet, RuleSet


def read_choice(levers: Mapping[str, Any]) -> dict[str, Lever]:
    """The choice in its one form: defaults filled in, numbers of one kind; raises InputProblems.

    >>> read_choice({"senior_tenor_years": 15.0})["senior_tenor_years"]
    15
    """
    return Choice.from_dict(levers).to_dict()


def content_hash(
    snapshot_hash: str, rule_set_hash: str, market_set_hash: str | None, terms: Mapping[str, Any],
    choice: Mapping[str, Lever], engine_version: str
) -> str:  # fmt: skip
    """SHA-256 of all that the figures of a financing come from."""
    return canonical_hash(
        {
            "snapshot": snapshot_hash,
            "rule_set": rule_set_hash,
            "market_set": market_set_hash,
            "terms": terms,
            "choice": choice,
            "engine_version": engine_version,
        }
    )


def code_of(project_code: uuid.UUID, hashed: str) -> uuid.UUID:
    """The address of a financing in its project."""
    return uuid.uuid5(project_code, hashed)


def financing_of(
    project: Project,
    snapshot: Snapshot,
    rule_set: RuleSet,
    terms: Mapping[str, Any],
    levers: Mapping[str, Any],
    engine_version: str = ENGINE_VERSION,
    market_set: MarketSet | None = None,
) -> Financing:
    """The row that these values name: the one there is, else one not saved yet; raises InputProblems."""
    read_terms, choice = StructuringTerms.from_dict(terms).to_dict(), read_choice(levers)
    market_hash = market_set.content_hash if market_set else None
    hashed = content_hash(snapshot.content_hash, rule_set.content_hash, market_hash, read_terms, choice, engine_version)
    code = code_of(project.code, hashed)
    known = Financing.objects.select_related("project", "snapshot", "rule_set", "market_set").filter(code=code).first()
    return known or Financing(
        code=code,
        project=project,
        snapshot=snapshot,
        rule_set=rule_set,
        market_set=market_set,
        terms=read_terms,
        choice=choice,
        engine_version=engine_version,
        content_hash=hashed,
    )


def engine_deal(financing: Financing) -> Deal:
    """The engine's terms of a financing."""
    return Deal(
        inputs=ProjectInputs.from_dict(financing.snapshot.content),
        terms=StructuringTerms.from_dict(financing.terms),
        rules=EngineRuleSet.from_dict(financing.rule_set.content),
        choice=Choice.from_dict(financing.choice),
        market=financing.market_set.terms() if financing.market_set else None,
    )
