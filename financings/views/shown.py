"""One financing as its page shows it: engine figures turned into lines, tables, cells and chart series."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.basics.limits import keeps
from engine.deal.columns import SIZED_BY
from engine.deal.detail import Check, FlagEvent, StressRow, flag_names
from engine.deal.explain import Explanation
from engine.deal.reasons import PASSED_BOTH
from engine.permutations import AXES, REPO_VERDICTS
from engine.permutations.detail import PermutationDetail
from engine.permutations.remedies import PairRemedy, Remedy
from engine.ratings.repo import RepoAssessment, State
from engine.terms import CashTrap
from financings.compliance import dscr_floor
from financings.typed import code_words
from financings.words import agreed_text, cell_in, lever_text, limit_text, unit_text, with_period
from lib import figures
from lib.text import label_of
from records.provenance import Mark

LAYERS = {
    "senior": "Senior",
    "mezzanine": "Mezzanine",
    "flow": "Hedges and reserve",
    "price": "Equity",
    "cash": "Income",
}
NO_RATING = "NR"
WORST_HEAT, BELOW_FLOOR_HEAT, BEST_HEAT = 0, 2, 5
# Relative to the stressed floor, and below it relative to 1.0x: where a cell of the heat map changes colour.
COMFORTABLE, SOUND = 1.25, 1.10
AMOUNT_NOISE = 0.005
PERIOD_COLUMNS: dict[str, str] = {
    "gross_income": "Gross income",
    "opex": "Operating costs and fee",
    "hedge_net": "Hedges, net",
    "wrap_premium": "Wrap premium",
    "senior_interest": "Senior interest",
    "senior_principal": "Senior principal",
    "dsra_top_up": "DSRA top-up",
    "mezz_interest": "Mezzanine interest",
    "mezz_principal": "Mezzanine principal",
    "cash_trapped": "Cash trapped",
    "trap_released": "Trap released",
    "dsra_draw": "DSRA drawn",
    "dsra_released": "DSRA released",
    "margin_returned": "Margin returned",
    "equity_distribution": "Equity",
    "senior_balance": "Senior balance",
    "mezz_balance": "Mezzanine balance",
    "dsra_balance": "DSRA balance",
    "trap_balance": "Trap balance",
    "senior_unpaid": "Senior unpaid",
    "mezz_deferred": "Mezzanine deferred",
    "cost_unpaid": "Costs unpaid",
    "dscr": "DSCR",
    "trailing_dscr": "DSCR, trailing",
}
ALWAYS_SHOWN = frozenset(
    {"gross_income", "opex", "senior_interest", "senior_principal", "equity_distribution", "senior_balance", "dscr"}
)
CASH_SERIES = (
    ("opex", "cost"),
    ("wrap_premium", "hedge"),
    ("senior_interest", "senior"),
    ("senior_principal", "senior"),
    ("dsra_top_up", "reserve"),
    ("mezz_interest", "mezz"),
    ("mezz_principal", "mezz"),
    ("cash_trapped", "trap"),
    ("equity_distribution", "equity"),
)
BALANCE_SERIES = (
    ("senior_balance", "senior"),
    ("mezz_balance", "mezz"),
    ("dsra_balance", "reserve"),
    ("trap_balance", "trap"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A label with its figure in words."""

    label: str
    text: str
    note: str = ""
    is_negative: bool = False
    key: str = ""  # of the explanation it opens into, if any


@dataclass(frozen=True, slots=True)
class StackLine:
    """A line of sources or uses with its share of the total."""

    label: str
    text: str
    share: float

    @property
    def width(self) -> str:
        """The share as a percentage an SVG takes."""
        return f"{100 * min(max(self.share, 0.0), 1.0):.2f}%"

    @property
    def share_text(self) -> str:
        """The share in words."""
        return unit_text(self.share, "share")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check as a line of a table."""

    label: str
    value: str
    limit: str
    headroom: str
    passed: bool
    is_binding: bool
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One scenario of the stress grid."""

    dscr: str
    rating: str
    notes: tuple[str, ...]
    heat: int
    title: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row of the heat map: a rate shock and a share of tenants in default."""

    label: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class PeriodTable:
    """The waterfall as a table: a head and rows of figures, and the flags of each row."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One figure of an explanation, with the figures under it."""

    key: str
    label: str
    text: str
    formula: str
    is_negative: bool
    children: tuple[Node, ...]


def lever_groups(detail: PermutationDetail) -> list[tuple[str, list[Figure]]]:
    """The levers by layer; those that stand where the catalogue has them say so."""
    groups: dict[str, list[Figure]] = {label: [] for label in LAYERS.values()}
    for code, value in detail.levers.items():
        note = "default" if value == AXES[code].default else ""
        groups[LAYERS[AXES[code].layer]].append(Figure(AXES[code].label, lever_text(AXES[code], value), note))
    return [(label, lines) for label, lines in groups.items() if lines]


@dataclass(frozen=True, slots=True)
class FacilityLine:
    """One central-bank facility: its verdict in words, and what it would lend."""

    found: RepoAssessment
    style: str
    words: str
    haircut: str
    lendable: str
    met_count: int


# The figure under a headline, and the explanation that it opens into.
EXPLAINED_BY = {
    "Day-one value": "day_one_value", "Senior debt": "senior_amount", "Mezzanine debt": "mezz_amount",
    "Total LTV": "agency_ltv_ratio", "Total DSCR": "dscr_minimum", "LLCR": "llcr",
}  # fmt: skip


def headline_figures(row: dict[str, Any], currency: str, explained: Collection[str] = ()) -> list[Figure]:
    """The strip of headline figures; those among the `explained` keys say so."""
    return [
        replace(each, key=key) if (key := EXPLAINED_BY.get(each.label, "")) in explained else each
        for each in _headline_figures(row, currency)
    ]


def _headline_figures(row: dict[str, Any], currency: str) -> list[Figure]:
    return [
        _figure("Day-one value", _millions(row["day_one_value"], currency), _place_note(row), row["day_one_value"]),
        _figure("Senior debt", _millions(row["senior_amount"], currency), _sized_note(row, "senior", "sized_by")),
        _figure("Mezzanine debt", _millions(row["mezz_amount"], currency), _sized_note(row, "mezz", "mezz_sized_by")),
        _figure("Cash equity", _millions(row["sponsor_equity_amount"], currency), _cash_note(row, currency), row["sponsor_equity_amount"]),
        _figure("Total LTV", _text(row, "total_agency_ltv_ratio", "share"), f"of haircut value; {_text(row, 'total_appraisal_ltv_ratio', 'share')} of value, senior {_text(row, 'agency_ltv_ratio', 'share')}"),
        _figure("Loan to cost", _text(row, "loan_to_cost_ratio", "share"), f"internal; {_text(row, 'market_loan_to_cost_ratio', 'share')} of market cost"),
        _figure("Total DSCR", _text(row, "total_dscr_minimum", "times"), f"all debt, after swaps; senior {_text(row, 'dscr_minimum', 'times')}, average {_text(row, 'dscr_average', 'times')}"),
        _figure("DSCR, worst stress", _text(row, "worst_stressed_dscr", "times"), _default_note(row)),
        _figure("Coupon over fair", _text(row, "senior_coupon_margin_bps", "bps"), f"senior; fair {_text(row, 'senior_fair_coupon_rate', 'rate')}"),
        _figure("LLCR", _text(row, "llcr", "times"), f"PLCR {_text(row, 'plcr', 'times')}, ICR {_text(row, 'icr', 'times')}"),
        _figure("WACC", _text(row, "wacc_rate", "rate"), f"senior yield {_text(row, 'senior_yield_rate', 'rate')}"),
        _figure("Equity IRR", _irr_text(row), _equity_note(row)),
    ]  # fmt: skip


def notches_text(moved: int) -> str:
    """How far a rating falls or rises: "3 down"; a dash where it stays."""
    if not moved:
        return figures.DASH
    return f"{abs(moved)} {'down' if moved > 0 else 'up'}"


def stack_lines(lines: Sequence[Any]) -> tuple[list[StackLine], str]:
    """Sources or uses with their shares, nothing left out but what is nil, and their total."""
    total = sum(line.amount for line in lines)
    shown = [
        StackLine(line.label, unit_text(line.amount, "amount"), line.amount / total if total else 0.0)
        for line in lines
        if line.amount
    ]
    return shown, unit_text(total, "amount")


def check_lines(
    checks: Iterable[Check], binding: Check | None = None, origin: Callable[[str], Mark] | None = None
) -> list[CheckLine]:
    """Checks with their figures in words; `origin` says by code where a limit comes from."""
    return [
        CheckLine(
            check.label,
            with_period(unit_text(check.value, check.unit), check.value, check.unit),
            limit_text(check),
            "" if check.headroom_ratio is None else _signed_share(check.headroom_ratio),
            check.passed,
            binding is not None and check.code == binding.code,
            origin(check.code) if origin else None,
        )
        for check in checks
    ]


def remedy_sentence(remedy: Remedy) -> str:
    """What to move, from where to where, and what it brings."""
    return f"{_move(remedy)}, then {remedy.rating}."


def pair_sentence(pair: PairRemedy) -> str:
    """Both moves of a pair, what they bring, and what they cost in steps of the levers' forms."""
    moves = " and ".join(_move(part) for part in pair.parts)
    steps = figures.amount(pair.cost_steps, 0 if pair.cost_steps == int(pair.cost_steps) else 2)
    return f"{moves}, for {pair.rating}. Cost: {steps} steps of the run's form."


def cured_names(remedies: Sequence[Remedy]) -> str:
    """What fails as things stand, in words; the same for every remedy."""
    return ", ".join(remedies[0].cures) if remedies else ""


def _move(remedy: Remedy) -> str:
    spec = AXES[remedy.lever]
    current = "the project's own value" if remedy.current is None else lever_text(spec, remedy.current)
    return f"{remedy.label}: from {current} to {lever_text(spec, remedy.proposed)}"


def flag_sentence(event: FlagEvent) -> str:
    """When a flag was raised, how often, and on which value against which threshold."""
    months = "1 month" if event.month_count == 1 else f"{event.month_count} months"
    value, threshold = unit_text(event.value, event.unit), agreed_text(event.threshold, event.unit)
    return f"From month {event.first_month}, {months}; worst {value} against {threshold}."


def heat_map(detail: PermutationDetail) -> tuple[list[str], list[HeatRow]]:
    """The stress grid: inflation across, rate shocks and tenant default down."""
    floor = _stressed_floor(detail)
    by_place = {_place(row): row for row in detail.stress}
    inflations = list(dict.fromkeys(place[0] for place in by_place))
    downs = sorted({place[1:] for place in by_place})
    heads = ["Base CPI" if rate is None else f"CPI {agreed_text(rate, 'rate')}" for rate in inflations]
    rows = [
        HeatRow(
            _down_label(*down),
            tuple(_heat_cell(by_place.get((rate, *down)), floor) for rate in inflations),
        )
        for down in downs
    ]
    return heads, rows


@dataclass(frozen=True, slots=True)
class RatingStressLine:
    """One scenario that ratings must survive, and what becomes of the structure in it."""

    ratings: str
    scenario: str
    dscr: str
    outcome: str
    defaulted: bool


def rating_stress_lines(detail: PermutationDetail) -> list[RatingStressLine]:
    """The scenarios that ratings must survive, the most lenient first."""
    return [
        RatingStressLine(
            f"{row.scenario.rating} and better",
            row.scenario.label,
            unit_text(row.stressed_dscr, "times"),
            "default" if row.defaulted else "paid in full",
            row.defaulted,
        )
        for row in detail.rating_stress
    ]


def period_table(columns: dict[str, Any], heading: str) -> PeriodTable:
    """The waterfall by year or month; columns that are nil throughout are left out."""
    shown = [name for name in PERIOD_COLUMNS if name in columns and (name in ALWAYS_SHOWN or _any(columns[name]))]
    count = len(columns["flags"]) if columns else 0
    rows = tuple(
        (
            str(at + 1),
            tuple(_period_text(name, columns[name][at]) for name in shown),
            ", ".join(code_words(name) for name in flag_names(int(columns["flags"][at]))),
        )
        for at in range(count)
    )
    return PeriodTable((heading, *(PERIOD_COLUMNS[name] for name in shown), "Flags"), rows)


def explanation_nodes(explanations: Iterable[Explanation]) -> list[Node]:
    """The explanation trees, figures in words."""
    return [
        Node(
            item.key,
            item.label,
            unit_text(item.value, item.unit),
            item.formula,
            (item.value or 0.0) < 0.0,
            tuple(explanation_nodes(item.children)),
        )
        for item in explanations
    ]


def detail_charts(trap: CashTrap, detail: PermutationDetail) -> dict[str, Any]:
    """Series of the cash, cover and balance charts."""
    if not detail.years:
        return {}
    floor = dscr_floor(detail)
    return {
        "years": list(range(1, len(detail.years["dscr"]) + 1)),
        "cash": [_series(detail, name, colour) for name, colour in CASH_SERIES if _any(detail.years[name])],
        "income": _series(detail, "gross_income", "line"),
        "balances": [_series(detail, name, colour) for name, colour in BALANCE_SERIES if _any(detail.years[name])],
        "dscr": list(detail.dscr_path),
        "interest_cover": list(detail.interest_cover_path),
        "floors": [
            *([{"label": f"{detail.judged_rating} floor", "value": floor}] if floor is not None else []),
            *({"label": "Lock-up", "value": level} for level, _ in trap.steps),
        ],
        "lock_up_years": [at + 1 for at, bits in enumerate(detail.years["flags"]) if "LOCK_UP" in flag_names(int(bits))],
    }  # fmt: skip


def agency_rows(detail: PermutationDetail) -> list[tuple[str, str, str, str, str]]:
    """What each row of the agencies' tables says: agency, DSCR read, its value, row, category."""
    return [
        (item.agency, item.reading, unit_text(item.dscr, "times"), item.row or "all projects", item.category)
        for item in detail.agency_readings
    ]


def repo_verdict(row: dict[str, Any]) -> tuple[str, str]:
    """The central-bank verdict in words, and its style."""
    words = REPO_VERDICTS.get(row.get("repo_verdict") or 0, "Not eligible")
    return words, words.lower().replace(" ", "_")


def facility_lines(assessments: Iterable[RepoAssessment]) -> list[FacilityLine]:
    """Each facility's verdict on the senior notes, with its criteria."""
    return [
        FacilityLine(
            found,
            found.verdict.value,
            label_of(found.verdict.value),
            agreed_text(found.haircut_ratio, "share"),
            figures.millions(found.lendable_amount),
            sum(each.state is State.MET for each in found.criteria),
        )
        for found in assessments
    ]


def _figure(label: str, text: str, note: str, value: float | None = None) -> Figure:
    return Figure(label, text, note, value is not None and value < 0)


def _millions(value: float | None, currency: str) -> str:
    return figures.millions(value, currency)


def _text(row: dict[str, Any], name: str, unit: str) -> str:
    return unit_text(row.get(name), unit)


def _sized_note(row: dict[str, Any], layer: str, name: str) -> str:
    """What bound the tranche's size, and what is drawn at close where interest is added to it until operations start."""
    by, drawn = row.get(name), row.get(f"{layer}_proceeds_amount")
    if by and drawn is not None and abs(drawn - row[f"{layer}_amount"]) > AMOUNT_NOISE:
        return f"at start of operations, {figures.millions(drawn)} at close; {_sized_by(by)}"
    return _sized_by(by)


def _sized_by(by: int | None) -> str:
    words = SIZED_BY.get(by or 0, "")
    return f"sized by {words if words.isupper() else words.lower()}" if by else ""


def _cash_note(row: dict[str, Any], currency: str) -> str:
    """The equity's share of the uses, or what the debt releases beyond them."""
    released = row.get("cash_released_amount")
    if released:
        return f"{_millions(released, currency)} released at close"
    return f"{_text(row, 'equity_ratio', 'share')} of all uses"


def _default_note(row: dict[str, Any]) -> str:
    defaults = row.get("stress_defaults")
    if not defaults:
        return f"stability {_text(row, 'stability_ratio', 'share')}"
    return f"default in {defaults} scenario{'s' if defaults != 1 else ''}"


def _irr_text(row: dict[str, Any]) -> str:
    """The return; in words where no sponsor pays in."""
    return cell_in("sponsor_irr_rate", row).text


def _equity_note(row: dict[str, Any]) -> str:
    if (
        row.get("sponsor_irr_rate") is None
        and (row.get("sponsor_equity_amount") or 0.0) <= 0.0
        and row["gate"] == PASSED_BOTH
    ):
        return "debt funds every use"
    told = f"multiple {_text(row, 'sponsor_multiple', 'times')}"
    taxed = row.get("after_tax_irr_rate")
    return told if taxed is None else f"{told}; after tax {_text(row, 'after_tax_irr_rate', 'rate')}"


def _place_note(row: dict[str, Any]) -> str:
    return f"score {figures.amount(row['score'], 3)}" if row.get("score") is not None else ""


def _signed_share(value: float) -> str:
    text = unit_text(value, "share")
    return text if value < 0 else f"+{text}"


def _stressed_floor(detail: PermutationDetail) -> float:
    limit = detail.stress_checks[0].limit if detail.stress_checks else 1.0
    return float(limit) if isinstance(limit, (int, float)) and limit > 0 else 1.0


def _place(row: StressRow) -> tuple[float | None, float, float]:
    return row.scenario.cpi_rate, row.scenario.rate_shift_bps, row.scenario.default_ratio


def _down_label(shift_bps: float, default_ratio: float) -> str:
    parts = [f"Rates {shift_bps:+g} bps".replace("-", "\N{MINUS SIGN}")] if shift_bps else []
    if default_ratio:
        parts.append(f"default {unit_text(default_ratio, 'share')}")
    text = ", ".join(parts) or "Base"
    return text[0].upper() + text[1:]


def _heat_cell(row: StressRow | None, floor: float) -> HeatCell:
    if row is None:
        return HeatCell(figures.DASH, "", (), BEST_HEAT, "")
    breach = f" Below 1.00x from month {row.breach_month}." if row.breach_month else ""
    recovery = ""
    if row.breach_month:
        recovery = (
            " No recovery before maturity." if row.recovery_months < 0 else f" Back after {row.recovery_months} months."
        )
    flags = f" {', '.join(code_words(flag) for flag in row.flags)}." if row.flags else ""
    change = (
        "no service left to cover"
        if row.dscr_degradation_ratio is None
        else f"DSCR {unit_text(-row.dscr_degradation_ratio, 'share')} against base"
    )
    title = f"{row.scenario.label}: {change}.{breach}{recovery}{flags}"
    notes: list[str] = []
    heat = _heat(row.stressed_dscr, floor)
    if row.defaulted:
        notes.append("default")
        heat = WORST_HEAT
    elif row.notches_moved > 0:
        notes.append(notches_text(row.notches_moved))
    if row.rating == NO_RATING:
        heat = min(heat, BELOW_FLOOR_HEAT)
    if row.balloon_shortfall_amount > 0.0:
        # Cover holds and yet the notes cannot be repaid: no better than a DSCR below its floor.
        notes.append(f"balloon short {figures.millions(row.balloon_shortfall_amount)}")
        heat = min(heat, BELOW_FLOOR_HEAT)
    return HeatCell(unit_text(row.stressed_dscr, "times"), row.rating, tuple(notes), heat, title)


def _heat(dscr: float | None, floor: float) -> int:
    if dscr is None:
        return BEST_HEAT
    steps = (floor * COMFORTABLE, floor * SOUND, floor, 1.0, 0.9)
    passed = [BEST_HEAT - at for at, limit in enumerate(steps) if keeps(dscr, ">=", limit)]
    return max(passed, default=WORST_HEAT)


def _any(values: Any) -> bool:
    return any(abs(value) > AMOUNT_NOISE for value in values if math.isfinite(value))


def _period_text(name: str, value: float) -> str:
    """A figure of the waterfall; nil as a dash, so that what moves stands out."""
    if not math.isfinite(value) or abs(value) < AMOUNT_NOISE:
        return figures.DASH
    return unit_text(float(value), "times" if "dscr" in name else "amount")


def _series(detail: PermutationDetail, name: str, colour: str) -> dict[str, Any]:
    return {
        "label": PERIOD_COLUMNS[name],
        "colour": colour,
        "values": [round(float(value), 2) for value in detail.years[name]],
    }
