"""Strengths and risks of an issue, each a sentence that its own figures bring about: none is said that they do not bear."""

from __future__ import annotations

from collections.abc import Iterator

from documents.rendering.templating import day
from engine.notes.terms import CouponKind
from engine.ratings import notch_of
from engine.ratings.scale import LABELS
from lib import figures
from securitisation.papers.collateral import repaid_at_maturity_ratio
from securitisation.papers.facts import NotesFacts
from securitisation.translate import NIL

# Of the pool's nominal value: what an originator retains under EU and UK rules.
RETAINED_RATIO = 0.05
STRONG_MULTIPLE, FEW_LOANS, LARGE_SHARE, LARGE_BALLOON, THIN_MULTIPLE = 3.0, 20, 0.10, 0.20, 2.0


def strengths_of(facts: NotesFacts) -> list[str]:
    """What speaks for the notes."""
    return list(_strengths(facts))


def risks_of(facts: NotesFacts) -> list[str]:
    """What speaks against them."""
    return [*_pool_risks(facts), *_class_risks(facts), *_model_risks(facts)]


def _strengths(facts: NotesFacts) -> Iterator[str]:
    first, structure = facts.classes[0], facts.deal.structure
    if first["enhancement_ratio"] > 0.0:
        yield (
            f"{figures.share(first['enhancement_ratio'])} of the pool stands below {first['name']}: losses reach it only "
            "beyond that, before any excess spread."
        )
    for each in facts.classes:
        multiple = each["break_even"]["first_loss_multiple"]
        if multiple is not None and multiple >= STRONG_MULTIPLE:
            yield (
                f"{each['name']} loses nothing up to a CDR of {figures.percent(each['break_even']['cdr'])}, "
                f"{figures.times(multiple)} the base case's."
            )
        elif each["break_even"]["cdr"] is None:
            yield f"{each['name']} loses nothing at any default rate, at the base case's severity."
    if facts.excess_spread > 0.0:
        yield f"The pool earns {figures.percent(facts.excess_spread)} a year beyond fees and coupons at closing, which meets losses first."
    if structure.reserve.initial_amount > 0.0:
        yield f"A reserve of {figures.money(structure.reserve.initial_amount, facts.currency)} is funded at closing, against interest and fees."
    held = [each["name"] for each in facts.triggers if each["base"] == "Holds throughout"]
    if held:
        yield f"In the base case no limit of {', '.join(held)} is breached on any payment date."
    for project in facts.projects:
        cover = dict(project.lines)["DSCR, lowest and average"]
        yield f"{project.title}: cash covers senior debt service {cover.replace(' and ', ' at its lowest, ')} on average."


def _pool_risks(facts: NotesFacts) -> Iterator[str]:
    loans, largest = facts.loans, facts.loans[0]
    share = largest.balance_amount / facts.pool_amount
    if len(loans) == 1:
        yield f"One loan is the whole pool: its default is the pool's. Lender and investor depend on {largest.obligor or largest.code} alone."
    elif len(loans) < FEW_LOANS or share > LARGE_SHARE:
        yield f"{figures.count(len(loans))} loans, the largest {figures.share(share)} of the pool: one default moves every figure."
    sectors = {loan.sector for loan in loans if loan.sector}
    if len(sectors) == 1 and len(loans) > 1:
        yield f"All loans are of one sector ({sectors.pop().lower()}): what troubles one may trouble all."
    if (balloon := repaid_at_maturity_ratio(facts)) > LARGE_BALLOON:
        yield f"{figures.share(balloon)} of the pool is repaid with the loans' last instalments, and hangs on refinancing or sale."
    if facts.excess_spread <= 0.0:
        yield f"The pool earns {figures.percent(facts.excess_spread)} a year beyond fees and coupons: no spread meets losses."
    unrated = sum(loan.balance_amount for loan in loans if loan.rating not in LABELS) / facts.pool_amount
    if unrated > 0.0:
        yield f"{figures.share(unrated)} of the pool has no rating, so default probabilities and ratings of the classes are not worked out."


def _past_final(facts: NotesFacts) -> Iterator[str]:
    for each in facts.classes:
        if (each.get("unpaid_at_final") or 0.0) > NIL:
            unpaid = figures.money(each["unpaid_at_final"], facts.currency)
            yield f"{each['name']} is in default at its legal final date, {day(each['legal_final'])}, in the base case: {unpaid} is unpaid."


def _class_risks(facts: NotesFacts) -> Iterator[str]:
    yield from _past_final(facts)
    equity = facts.equity_amount / facts.pool_amount
    if equity < RETAINED_RATIO:
        yield (
            f"Equity is {figures.share(equity)} of the pool, less than the {figures.agreed(RETAINED_RATIO, 'share')} that EU and UK rules ask to "
            "be retained: the rest must be retained in another form, such as a vertical slice of the classes."
        )
    floating = [each for each in facts.deal.structure.classes if each.coupon_kind is CouponKind.FLOATING]
    if floating:
        names = ", ".join(each.name for each in floating)
        yield f"{names} float while the pool pays fixed coupons: a rise of the index takes excess spread, and no swap of the issuer's meets it."
    for each in facts.classes:
        if each["loss_amount"] > NIL:
            yield f"{each['name']} loses {figures.percent(each['loss_ratio'])} in the base case itself."
        multiple = each["break_even"]["first_loss_multiple"]
        if multiple is not None and multiple < THIN_MULTIPLE:
            yield f"{each['name']} stands only {figures.times(multiple)} the base case's default rate before it loses."
        if "deferred" in each["notes"]:
            yield f"Interest on {each['name']} may be deferred without default."
        target, indicated = each["target_rating"], each["rating"]
        if target in LABELS and indicated in LABELS and notch_of(indicated) > notch_of(target):
            yield f"{each['name']} is indicated {indicated}, below its target of {target}."
    for each in facts.triggers:
        if each["base"] != "Holds throughout":
            yield f"Trigger {each['name']} in the base case: {each['base'][0].lower()}{each['base'][1:]}."


def _model_risks(facts: NotesFacts) -> Iterator[str]:
    risk = facts.run.summary["risk"]
    if risk:
        yield (
            f"Ratings are indicated by default probability over {figures.years(risk['years'])} alone, with a correlation of "
            f"{figures.share(risk['correlation_ratio'])} that nobody observed; the default rates behind them are powers of a one-year matrix, "
            "which understate published multi-year defaults."
        )
