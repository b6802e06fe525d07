"""The projects behind the loans of a pool of financings: what each is, what it pays with, what it has hedged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from documents.facts.hedges import inflation_swap_of, return_swap_of
from documents.kinds.legal import COUNTRIES, INDEXATIONS, LEASES
from documents.rendering.templating import day
from engine.deal import result_row
from engine.project.calendar import calendar_of, own_close
from engine.project.derive import it_load_mw
from financings.evaluation import Evaluation
from lib import figures
from securitisation.models import LoanPool

Words = list[tuple[str, str]]


class ProjectBehind(NamedTuple):
    """A project whose senior debt is in the pool: what it is, and what it pays with."""

    title: str
    lines: Words
    hedges: Words


def projects_behind(pool: LoanPool) -> list[ProjectBehind]:
    """The projects of a pool of financings; none behind a tape."""
    financings = pool.financings.select_related("project", "snapshot", "rule_set").order_by("pk")
    return [_project(Evaluation(each)) for each in financings]


def _project(evaluation: Evaluation) -> ProjectBehind:
    financing, inputs, structure = evaluation.financing, evaluation.deal.inputs, evaluation.structure
    row, currency = result_row(structure), financing.currency
    value = structure.cash.value_amount
    lines = [
        ("Location", COUNTRIES[str(inputs.country)].removeprefix("the ")),
        ("IT load", figures.megawatts(it_load_mw(inputs))),
        ("Lease", f"{LEASES[str(inputs.revenue.lease_type)].capitalize()}, {figures.years(inputs.lease.term_years)}, adjusted {INDEXATIONS[str(inputs.lease.indexation)]}"),
        ("Tenant's rating", inputs.credit.tenant_rating),
        ("Value on day one", figures.money(value, currency)),
        ("Senior debt", f"{figures.money(structure.senior.amount, currency)} at {figures.agreed(structure.senior.coupon_rate, 'rate')} for {figures.months(structure.senior.maturity)}"),
        ("Senior debt to value", figures.share(structure.senior.amount / value)),
        ("DSCR, lowest and average", f"{figures.times(row['dscr_minimum'])} and {figures.times(row['dscr_average'])}"),
        ("DSCR, worst stress", figures.times(row["worst_stressed_dscr"])),
        ("Financing", f"{financing}, SHA-256 {financing.content_hash[:12]}"),
    ]  # fmt: skip
    return ProjectBehind(financing.project.title, lines, list(_hedges(evaluation)))


def _hedges(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """The swaps of the financing, which stay with its borrower."""
    inputs, currency = evaluation.deal.inputs, evaluation.financing.currency
    calendar = calendar_of(inputs, own_close(inputs) or evaluation.financing.created_at.date())
    if inflation := inflation_swap_of(evaluation.structure, calendar.month_date):
        words = (
            f"{figures.years(inflation.tenor_years)}, {figures.agreed(inflation.hedged_ratio, 'share')} of "
            f"{figures.money(inflation.notional_amount, currency)} of income; the borrower receives "
            f"{figures.agreed(inflation.fixed_rate, 'rate')} a year and pays the index"
        )
        yield "Zero-coupon inflation swap", words
    if total_return := return_swap_of(evaluation.structure, calendar.month_date):
        words = (
            f"On {figures.money(total_return.notional_amount, currency)} until {day(total_return.maturity_date)}; the borrower "
            f"receives {figures.agreed(total_return.coupon_rate, 'rate')} and pays "
            f"{figures.agreed(total_return.financing_rate, 'rate')} and {figures.agreed(total_return.spread_bps, 'bps')}"
        )
        yield "Total return swap", words
