"""What several pages show alike: classes, terms and results in words and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from engine.basics.business_days import BusinessDays, Calendar
from engine.basics.day_counts import DayCount
from engine.notes.measures import enhancement_of
from engine.notes.run import Payment
from engine.notes.terms import CouponKind, NoteClass, NoteStructure
from engine.notes.words import draw_words, facility_words, plan_words, trigger_words
from lib import figures
from lib.charts import Chart, Mark, Series
from lib.text import day_words
from securitisation.editor_fields import BUSINESS_DAYS, CALENDARS, DEFAULTS, MONTHS, PREPAYMENTS, RULES
from securitisation.models import LoanPool
from securitisation.translate import NIL, Deal


class ClassLine(NamedTuple):
    """A class of the terms."""

    code: str
    name: str
    balance_amount: float
    share: float
    coupon: str
    target_rating: str
    enhancement: float
    notes: str


def class_lines(structure: NoteStructure, pool_amount: float) -> list[ClassLine]:
    """The classes as the papers have them."""
    below = {each.code: each.enhancement_ratio for each in enhancement_of(structure.balances, pool_amount)}
    return [
        ClassLine(
            each.code,
            each.name,
            each.balance_amount,
            each.balance_amount / pool_amount,
            coupon_text(each),
            each.target_rating or figures.DASH,
            below[each.code],
            _class_notes(each),
        )
        for each in structure.classes
    ]


def coupon_text(note: NoteClass) -> str:
    """The coupon as the papers say it."""
    if note.coupon_kind is CouponKind.FLOATING:
        return f"Index + {figures.agreed(note.margin_bps, 'bps')}"
    return figures.agreed(note.coupon_rate, "rate")


def _class_notes(note: NoteClass) -> str:
    said = ["interest may be deferred"] if note.deferrable else []
    if note.ard_months:
        said.append(f"ARD after {figures.months(note.ard_months)}, then {figures.agreed(note.step_up_bps, 'bps')} more")
    if note.legal_final_months:
        said.append(f"legal final after {figures.months(note.legal_final_months)}")
    if note.day_count != DayCount.EQUAL:
        said.append(f"interest {note.day_count}")
    if note.accrues_until:
        said.append(f"accrues until {note.accrues_until} is repaid")
    if note.is_planned:
        said.append(f"planned between {plan_words(note)}")
    if note.commitment_amount:
        fee = figures.agreed(note.commitment_fee_rate, "rate")
        said.append(f"variable funding, {note.commitment_amount:,.0f} committed at {fee}")
    return "; ".join(said)


def figure_lines(deal: Deal) -> list[tuple[str, str]]:
    """The deal's terms beside its classes, and its base case."""
    structure, behaviour = deal.structure, deal.behaviour
    return [
        ("Closing", day_words(structure.closing_date)),
        ("Payments", _payments_text(structure)),
        ("Principal", dict(RULES)[structure.principal_rule.kind]),
        ("Clean-up call", figures.agreed(structure.clean_up_ratio, "share") if structure.clean_up_ratio else "None"),
        ("Reserve", _reserve_text(structure)),
        *([("Liquidity facility", facility_words(structure))] if structure.liquidity.is_there else []),
        *((f"Draw {n}", draw_words(structure, n - 1)) for n in range(1, len(structure.draws) + 1)),
        ("Prepayment", _rate_text(PREPAYMENTS, behaviour.prepayment_kind, behaviour.prepayment)),
        ("Default", _rate_text(DEFAULTS, behaviour.default_kind, behaviour.default)),
        ("Severity", f"{figures.agreed(behaviour.severity_ratio, 'share')}, the rest after {figures.months(behaviour.recovery_lag_months)}"),
    ]  # fmt: skip


def _payments_text(structure: NoteStructure) -> str:
    """How often, and where a date goes that is no business day."""
    often = dict(MONTHS)[str(structure.payment_frequency_months)]
    if structure.business_days == BusinessDays.UNADJUSTED:
        return often
    days = (
        "weekends" if structure.calendar == Calendar.WEEKENDS else f"holidays of {dict(CALENDARS)[structure.calendar]}"
    )
    accrues = "moved" if structure.accrues_to_payment else "unmoved"
    convention = dict(BUSINESS_DAYS)[structure.business_days].lower()
    return f"{often}, on {days} {convention}; interest to the {accrues} date"


def _reserve_text(structure: NoteStructure) -> str:
    reserve = structure.reserve
    if not reserve.is_held:
        return "None"
    target = figures.agreed(reserve.target_ratio, "share")
    return f"{target} of the notes, {figures.millions(reserve.initial_amount, structure.currency)} at closing"


def _rate_text(words: Sequence[tuple[str, str]], kind: str, value: float | Sequence[float]) -> str:
    label = dict(words)[kind]
    if kind == "none":
        return label
    values = value if isinstance(value, list | tuple) else [value]
    return f"{label} {', '.join(figures.agreed(each, 'rate') for each in values)}"


def fee_lines(structure: NoteStructure) -> list[tuple[str, str]]:
    """Each fee with what it is a year."""
    return [
        (
            fee.name,
            " and ".join(
                part
                for part in (
                    figures.agreed(fee.annual_rate, "rate") + " of the pool" if fee.annual_rate else "",
                    figures.money(fee.annual_amount, structure.currency) if fee.annual_amount else "",
                )
                if part
            )
            or "nothing",
        )
        for fee in structure.fees
    ]


def trigger_lines(structure: NoteStructure) -> list[tuple[str, str]]:
    """Each trigger of the papers with when it is breached."""
    words = trigger_words(structure)
    return [(each.code, words[each.code]) for each in structure.triggers]


def pool_figures(pool: LoanPool) -> list[tuple[str, str]]:
    """The pool in a few figures."""
    loans = pool.content["loans"]
    total = sum(loan["balance_amount"] for loan in loans)

    def mean(name: str) -> float:
        return float(sum(loan[name] * loan["balance_amount"] for loan in loans) / total)

    largest = max(loan["balance_amount"] for loan in loans) / total
    return [
        ("Balance", figures.millions(total, pool.currency)),
        ("Loans", figures.count(len(loans))),
        ("Average coupon", figures.percent(mean("coupon_rate"))),
        ("Average remaining term", figures.years(mean("remaining_months") / 12.0)),
        ("Largest loan", figures.share(largest)),
    ]


# Results


def result_lines(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each class of a result with its risk, the rating it shows and the day it is repaid."""
    risks = (summary["risk"] or {}).get("classes", {})
    return [
        {
            **each,
            "risk": risks.get(each["code"]),
            "break_even": summary["break_even"][each["code"]],
            "rating": risks.get(each["code"], {}).get("indicated_rating") or figures.DASH,
            "risk_weight": summary["risk_weights"].get(each["code"]),
            "repaid_on": date.fromisoformat(each["repaid_on"]) if each["repaid_on"] else None,
        }
        for each in summary["classes"]
    ]


def waterfall_charts(summary: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What each class is paid and what stands of it, by year after closing: stacked, as plain data for the page's script."""
    paths, names = summary["paths"], {each["code"]: each["name"] for each in summary["classes"]}
    years = [date.fromisoformat(day).year for day in paths["dates"]]
    shown = tuple(dict.fromkeys(years))
    paid = [
        Series(f"{names[code]}, {word}", tuple(_by_year(years, paths[key][code], shown)), Mark.STACKED)
        for code in names
        for key, word in (("principal", "principal"), ("interest", "interest"))
    ]
    paid.append(Series("Equity", tuple(_by_year(years, paths["residual"], shown)), Mark.STACKED))
    stands = [
        Series(names[code], tuple(_at_year_end(years, paths["closing"][code], shown)), Mark.STACKED) for code in names
    ]
    stands.append(Series("Pool", tuple(_at_year_end(years, paths["pool"], shown)), Mark.LINE))
    labels = tuple(map(str, shown))
    return {
        "paid": asdict(Chart("paid", "Paid a year", "amount", currency, "Year", labels, tuple(paid))),
        "stands": asdict(Chart("stands", "Standing at the end of each year", "amount", currency, "Year", labels, tuple(stands))),
    }  # fmt: skip


def _by_year(years: Sequence[int], values: Sequence[float], shown: Sequence[int]) -> list[float]:
    sums = dict.fromkeys(shown, 0.0)
    for year, value in zip(years, values, strict=True):
        sums[year] += value
    return list(sums.values())


def _at_year_end(years: Sequence[int], values: Sequence[float], shown: Sequence[int]) -> list[float]:
    last = dict(zip(years, values, strict=True))
    return [last[year] for year in shown]


class HeatCell(NamedTuple):
    """A price of the grid and how hot it is."""

    text: str
    heat: str


class HeatMap(NamedTuple):
    """A class's price by prepayment down and default across."""

    code: str
    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]


# A price at or above each step is the colour beside it; below all of them it is the hottest.
_STEPS = ((1.0 - 1e-6, 5), (0.99, 4), (0.95, 3), (0.85, 2), (0.6, 1))


def heat_maps(summary: Mapping[str, Any]) -> list[HeatMap]:
    """The grid's prices of every class."""
    grid = summary["grid"]
    heads = tuple(f"CDR {figures.agreed(rate, 'rate')}" for rate in grid["cdr"])
    return [
        HeatMap(
            each["code"],
            each["name"],
            heads,
            tuple(
                (f"CPR {figures.agreed(cpr, 'rate')}", tuple(_cell(price) for price in prices))
                for cpr, prices in zip(grid["cpr"], grid["prices"][each["code"]], strict=True)
            ),
        )
        for each in summary["classes"]
    ]


def _cell(price: float | None) -> HeatCell:
    if price is None:
        return HeatCell(figures.DASH, "")
    heat = next((colour for least, colour in _STEPS if price >= least), 0)
    return HeatCell(figures.amount(100.0 * price, 2), f"heat--{heat}")


class PaymentLine(NamedTuple):
    """One line of the priorities on one date, in words and figures."""

    words: str
    due: float
    available: float
    paid: float
    reason: str
    was_taken: bool


def payment_lines(payments: Sequence[Payment]) -> list[PaymentLine]:
    """Each payment with why it was this amount."""
    return [
        PaymentLine(
            _sentence(each.words),
            each.due_amount,
            each.available_amount,
            each.paid_amount,
            reason_of(each),
            each.was_taken,
        )
        for each in payments
    ]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def reason_of(payment: Payment) -> str:
    """Why the amount is what it is: its condition, what was due, or what there was."""
    if not payment.was_taken:
        return f"Not taken: it pays {payment.condition}{_reading(payment)}."
    told = f"It pays {payment.condition}{_reading(payment)}. " if payment.condition else ""
    if payment.paid_amount <= NIL and payment.due_amount <= NIL:
        return f"{told}Nothing was due."
    if payment.paid_amount >= payment.due_amount - NIL:
        return f"{told}Paid in full."
    if payment.paid_amount >= payment.available_amount - NIL:
        return f"{told}All that was there."
    return f"{told}Up to its limit."


def _reading(payment: Payment) -> str:
    if payment.condition_value is None:
        return ""
    value = figures.factor(payment.condition_value)
    if payment.margin is None:
        return f" (read {value})"
    side = "above" if payment.margin >= 0.0 else "short of"
    return f" (read {value}, {figures.factor(abs(payment.margin))} {side} its limit)"


def trigger_states(summary: Mapping[str, Any]) -> list[tuple[str, date | None, int]]:
    """Each trigger with the first date of a breach, and on how many dates it stood."""
    return [
        (each["code"], date.fromisoformat(each["breached_on"]) if each["breached_on"] else None, each["dates"])
        for each in summary["triggers"]
    ]


def scenario_lines(summary: Mapping[str, Any]) -> list[tuple[str, list[tuple[float | None, float]]]]:
    """By scenario each class's price and loss, the base case first."""
    rows = [("Base case", summary["classes"]), *((each["name"], each["classes"]) for each in summary["scenarios"])]
    if len(rows) == 1:
        return []
    return [(name, [(each["price_ratio"], each["loss_ratio"]) for each in classes]) for name, classes in rows]
