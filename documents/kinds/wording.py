"""Words that several documents say of one term, each from one figure, so that they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass

from documents.facts import PackFacts, Tranche
from documents.kinds.kind import Fields
from documents.rendering.templating import day
from engine.debt.kinds import BY_COST, BY_DSCR, BY_GAP, BY_GEARING, BY_REFINANCING, BY_TOTAL_ADVANCE
from lib.figures import agreed, share

# Less than this shows as 0.0%.
NO_ROOM = 5e-4
BOTH_CLASSES = " of both classes"


def rate_words(unfixed_ratio: float) -> str:
    """`fixed rate`, `floating rate`, or both with the share that floats.

    >>> rate_words(0.0), rate_words(1.0), rate_words(0.3)
    ('fixed rate', 'floating rate', '30.0% floating rate, the rest fixed rate')
    """
    if unfixed_ratio <= 0.0:
        return "fixed rate"
    return (
        "floating rate"
        if unfixed_ratio >= 1.0
        else f"{agreed(unfixed_ratio, 'share')} floating rate, the rest fixed rate"
    )


def due_words(tranche: Tranche) -> str:
    """`due 31 March 2045`; of a note that is swept its legal final maturity, and when it is expected to be repaid."""
    due = f"due {day(tranche.legal_final_date)}"
    return f"{due} (anticipated repayment {day(tranche.maturity_date)})" if tranche.ard else due


def rate_fields(facts: PackFacts) -> Fields:
    """How the notes bear interest, from the share that is not fixed at close."""
    unfixed = facts.deal.terms.unfixed_ratio
    return {"words": rate_words(unfixed), "floats": unfixed > 0.0}


def sizing_words(facts: PackFacts, tranche: Tranche) -> str:
    """What limits the amount of a tranche, to follow "The principal amount is"."""
    of = "" if tranche.code == "senior" else BOTH_CLASSES
    cover = f"{agreed(tranche.sizing_dscr, 'times')} cover of scheduled debt service{of}"
    spread = agreed(facts.deal.terms.refinance_spread_bps, "bps")
    held = {
        BY_DSCR: f"sized so that cash available for debt service in the base case covers scheduled debt service{of} {agreed(tranche.sizing_dscr, 'times')}",
        BY_REFINANCING: (
            "sized on what can be refinanced at maturity: level debt service on the cash of the years that are left, at the "
            f"coupon plus {spread}, covered {agreed(tranche.sizing_dscr, 'times')}{of and ' for both classes'}"
        ),
        BY_COST: f"limited by the project's own cost; {cover} would allow more",
        BY_GEARING: f"limited by the highest gearing that the rule set allows; {cover} would allow more",
        BY_TOTAL_ADVANCE: f"limited by the highest advance on the haircut value that the rule set allows; {cover} would allow more",
        BY_GAP: f"limited to the mezzanine's share of what the senior notes leave to be funded; {cover} would allow more",
    }
    return held[tranche.sized_by]


@dataclass(frozen=True, slots=True)
class Law:
    """The law a draft is written for: `family` decides the words of security and governing law."""

    family: str
    governing: str
    place: str


LAWS = {
    "UK": Law("english", "[English law]", "the United Kingdom"),
    "US": Law("new_york", "[the law of the State of New York]", "the United States of America"),
    "EU": Law(
        "civil",
        "[the law of the member state in which the Issuer is incorporated]",
        "[member state], the European Union",
    ),
}


def headroom_words(facts: PackFacts) -> str:
    """What is left between the balloon and what the base case could raise at maturity; empty without a balloon."""
    balloon = facts.tranches[0].balloon_amount
    if balloon <= 0.0:
        return ""
    room = facts.structure.senior.refinance_limit / balloon - 1.0
    if abs(room) < NO_ROOM:
        return "no headroom"
    return f"a headroom of {share(room)}" if room > 0.0 else f"a shortfall of {share(-room)}"
