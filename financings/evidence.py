"""What central banks ask to be shown of a financing, and what was entered of it.

Facts come from the rule set it is judged by; of each the last entry holds, one of the financing before one of the
project. A fact that was taken back, or never entered, is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from engine.ratings.repo import Kind, RepoRules
from engine.ratings.scale import rating_label
from financings.models import Evidence, EvidenceState, Financing
from ratings.collateral import collateral_rules
from ratings.scales import notch_of_symbol

RATING = "rating:"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to be shown, who asks for it, and what was entered of it last; None is missing."""

    code: str
    label: str
    asked_by: tuple[str, ...]
    entry: Evidence | None = None

    @property
    def is_rating(self) -> bool:
        """True where an agency's symbol is asked for."""
        return self.code.startswith(RATING)

    @property
    def agency(self) -> str:
        """The agency whose rating it is."""
        return self.code.removeprefix(RATING) if self.is_rating else ""

    @property
    def stands(self) -> str:
        """Shown, refuted or missing."""
        return "missing" if self.entry is None else str(self.entry.state)


def facts_of(financing: Financing, held: Iterable[Evidence]) -> tuple[Fact, ...]:
    """Every fact that the rules ask for, with the entry that holds of it."""
    by_fact = {entry.fact: entry for entry in held}
    return tuple(Fact(code, label, banks, by_fact.get(code)) for code, (label, banks) in asked_facts(financing).items())


def asked_facts(financing: Financing) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Label and asking banks of every fact, by its code."""
    rules = collateral_rules(financing.rule_set.content)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for code, label, asker in _asked(rules, financing.snapshot.content["country"]):
        known, banks = found.get(code, (label, ()))
        found[code] = (known, tuple(dict.fromkeys((*banks, asker))))
    return found


def entries(financing: Financing) -> QuerySet[Evidence]:
    """Everything that was ever entered for the financing, the newest first."""
    of_it = Q(financing=None) | Q(financing__code=financing.code)
    return Evidence.objects.filter(of_it, project=financing.project).select_related("entered_by")


def entries_that_hold(financing: Financing) -> list[Evidence]:
    """The entry that holds of each fact: the financing's own last one, else the project's; those taken back left out."""
    found: dict[str, Evidence] = {}
    for entry in sorted(entries(financing), key=lambda each: (each.is_of_project, -each.pk)):
        own = found.get(entry.fact)
        # What was taken back for the financing leaves the project's word standing.
        if own is None or (own.state == EvidenceState.TAKEN_BACK and entry.is_of_project and not own.is_of_project):
            found[entry.fact] = entry
    return [entry for entry in found.values() if entry.state != EvidenceState.TAKEN_BACK]


def shown_facts(held: Iterable[Evidence]) -> dict[str, bool]:
    """Whether each fact but the ratings was shown or refuted."""
    return {entry.fact: entry.state == EvidenceState.SHOWN for entry in held if not entry.fact.startswith(RATING)}


def agency_ratings(financing: Financing, held: Iterable[Evidence]) -> dict[str, str]:
    """The platform's letter of each rating obtained."""
    content = financing.rule_set.content
    notches = {
        (agency := entry.fact.removeprefix(RATING)): notch_of_symbol(content, agency, entry.symbol)
        for entry in held
        if entry.fact.startswith(RATING) and entry.state == EvidenceState.SHOWN
    }
    return {agency: rating_label(notch) for agency, notch in notches.items() if notch is not None}


def _asked(rules: RepoRules, country: str) -> Iterable[tuple[str, str, str]]:
    """(fact, label, bank) of each criterion that needs to be shown something."""
    for facility in rules.facilities:
        if facility.region not in (None, country):
            continue
        for criterion in facility.criteria:
            if criterion.kind == Kind.AGENCY_RATINGS:
                for agency in criterion.accepted:
                    yield f"{RATING}{agency}", f"Rating by {agency}", facility.bank
            elif criterion.evidence:
                is_class = criterion.kind == Kind.ASSET_CLASS
                label = f"Asset class taken by {facility.bank}" if is_class else criterion.label
                yield criterion.evidence, label, facility.bank
