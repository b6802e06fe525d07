"""What the investor presentation shows: slides in their order, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from documents.facts import PackFacts, Tranche
from documents.facts.cash import cash_life
from documents.facts.charts import charts_of, stress_cover
from documents.facts.comparables import comparables
from documents.facts.stress import DEFAULT, flags_told, loss_lines, losses_of, rating_left
from documents.kinds.diagram import arrow, box
from documents.kinds.kind import Fields, Part
from documents.kinds.legal import AMORTISATIONS, COUNTRIES, INDEXATIONS, LEASES, frozen_on, made_at
from documents.kinds.term_sheet.fields import pricing_of
from documents.kinds.wording import due_words, headroom_words, rate_words
from documents.rendering.templating import day
from engine.project.derive import derive, it_load_mw
from engine.ratings.scale import notch_of
from engine.terms import BalloonMode
from financings.compliance import dscr_floor
from financings.words import cell_in
from lib.charts import Chart, Mark
from lib.figures import agreed, amount, bps, factor, megawatts, millions, money, months, percent, share, times, years

WORST_SHOWN = 12
VERDICTS = {"eligible": "Eligible", "not_eligible": "Not eligible", "not_confirmed": "Not confirmed"}
NUMBER_FORMATS = {"amount": '#,##0,,"m"', "times": '0.00"x"'}
COMPARED = "As published by agencies and the trade press; a dash for what was not."
TO_BE_COMPLETED = (
    "[Picture of the site, map with grid connection and fibre]",
    "[Market: supply, vacancy, rents and lettings around the site]",
    "[Technology: cooling, redundancy, design PUE; who builds and who operates]",
    "[Sponsor: record, sites in operation, ownership]",
    "[Environment: source of power, water, certification]",
    "[Contacts and timetable of distribution]",
)
DISCLAIMER = (
    (
        "For information and for its addressee only: no offer, solicitation, advice or commitment, and no financial promotion to retail clients. "
        "Not for distribution in the United States except to qualified institutional buyers, nor where the law forbids it."
    ),
    (
        "Figures come from a model on inputs that the sponsor gave and that nobody has verified. Statements about the future are no forecast: "
        "results will differ with terms, market, construction and tenant."
    ),
    "Ratings are indications under a rule set. No rating agency has assigned or confirmed them, and no central bank has confirmed eligibility.",
    "The notes are not registered under any securities law. Whoever considers an investment relies on the final documents and on advice of their own.",
)


def fields(facts: PackFacts, part: Part) -> Fields:
    """The slides; a presentation has one part."""
    marks = facts.marks
    return {
        "title": facts.title,
        "marks": {
            "organisation": marks.organisation,
            "words": f"{marks.version_words}. {marks.confidentiality}. {facts.lineage}",
            "foot": f"{marks.organisation}. {marks.confidentiality}. {marks.version_words}",
            "is_draft": marks.is_draft,
            "made_at": made_at(facts),
        },
        "slides": list(_slides(facts)),
    }


def _slides(facts: PackFacts) -> Iterator[Fields]:
    """Every slide that the structure has something for."""
    charts = charts_of(facts)
    source = _source(facts)
    yield _cover(facts, source)
    yield {"layout": "Text", "title": "Important notice", "text": list(DISCLAIMER), "notes": source}
    yield table_slide(
        f"{millions(facts.tranches[0].amount, facts.currency)} of senior notes at {agreed(facts.tranches[0].coupon_rate, 'rate')}, {_indication(facts)}",
        ("Term", "Figure", "Measure", "Figure"),
        _overview(facts),
        (3, 3.2, 3, 2),
        source,
        right=(3,),
    )
    yield table_slide(_lease_title(facts), ("Item", "Figure"), _asset(facts), (3, 6), source)
    yield {
        "layout": "Text",
        "title": "Cash passes from the tenant to the notes through one issuer",
        "diagram": _diagram(facts),
        "notes": source,
    }
    yield {
        "layout": "Text",
        "title": "Site, market and sponsor: to be completed by the arranger",
        "text": list(TO_BE_COMPLETED),
        "notes": source,
    }
    yield _chart("Sources and uses at close", charts["sources_and_uses"], _sources_and_uses(facts), source)
    yield table_slide(_capital_title(facts), ("Rank", "Class", "Amount", "To value", "Coupon", "Repayment", "Maturity", "Rating"),
                 _ranking(facts), (1.0, 2.8, 2.6, 1.4, 1.3, 3.7, 2.4, 1.1), source, right=(2, 3, 4))  # fmt: skip
    if pricing := _pricing_rows(facts):
        yield table_slide("Coupons stand against the market", ("Class", "Rating", "Life", "Benchmark", "Spread", "Coupon", "Fair coupon"),
                     pricing, (3, 1.4, 1.8, 1.8, 1.6, 1.6, 1.8), source, right=(2, 3, 4, 5, 6))  # fmt: skip
    yield table_slide("Data-centre notes already issued", ("Deal", "Date", "Class", "Amount", "Rating, agency", "Coupon", "LTV"),
                 _comparables(), (3, 1.4, 1.6, 2, 3.6, 1.4, 1.8), f"{COMPARED} {source}")  # fmt: skip
    yield table_slide("Senior interest and hedges are paid before all other debt", ("Rank", "What is paid", f"Over the life, {facts.currency}"),
                 _priority(facts), (0.8, 7, 3), source, right=(2,))  # fmt: skip
    yield _chart(
        f"Cash covers senior debt service {times(facts.detail.row['dscr_minimum'])} in the lowest year",
        charts["cover"],
        _cover_words(facts),
        source,
    )
    yield _chart("Cash flow and debt service", charts["cash_and_service"], _cash_words(facts), source)
    yield _chart(_debt_title(facts), charts["balances"], _balance_words(facts), source)
    yield _chart(_stress_title(facts), stress_cover(facts, WORST_SHOWN), _stress_words(facts), source)
    if facts.inflation_swap or facts.return_swap:
        yield table_slide("Hedging", ("Term", "Figure"), _hedging(facts), (3, 6), source)
    if open_banks := _eligibility(facts):
        yield table_slide("Central-bank collateral: eligible, or open", ("Bank", "Facility", "Verdict", "Haircut", "Missing"),
                     open_banks, (2, 2.8, 1.8, 1.2, 5), source, right=(3,))  # fmt: skip
    yield table_slide(
        "Cash stays behind when cover falls", ("Trigger", "Consequence"), _triggers(facts), (4, 6), source
    )
    yield table_slide("Key risks and mitigants", ("Risk", "Mitigant in the structure"), _risks(facts), (3, 7), source)
    yield table_slide(
        "Timetable to close",
        ("Workstream", "First day", "Last day", "Critical tasks"),
        _timetable(facts),
        (2, 2, 2, 6),
        source,
    )


def _diagram(facts: PackFacts) -> Fields:
    """Tenant and sponsor on the left, the issuer in the middle with its hedges and reserve, classes on the right."""
    inputs, currency = facts.deal.inputs, facts.currency
    issuer = [
        "Issuer",
        "[Special purpose company]",
        f"Property of {millions(facts.structure.cash.value_amount, currency)}",
    ]
    boxes = [
        box("tenant", ["Tenant", f"Rated {inputs.credit.tenant_rating}, {years(inputs.lease.term_years)}"], "soft", (0.0, 0.12, 0.24, 0.2)),
        box("sponsor", ["Sponsor", facts.sponsor or "[Sponsor]"], "soft", (0.0, 0.62, 0.24, 0.2)),
        box("issuer", issuer, "strong", (0.385, 0.36, 0.23, 0.24)),
    ]  # fmt: skip
    arrows = [
        arrow("tenant", "issuer", "right", "left", "Rent"),
        arrow("sponsor", "issuer", "right", "left", "Equity, building"),
    ]
    swaps = [name for name, swap in (("Inflation", facts.inflation_swap), ("Total return", facts.return_swap)) if swap]
    if swaps:
        boxes.append(box("swaps", ["Hedge counterparty", " and ".join(swaps)], "quiet", (0.385, 0.02, 0.23, 0.16)))
        arrows.append(arrow("issuer", "swaps", "top", "bottom", "Swaps"))
    if reserve := facts.detail.row["dsra_initial_amount"]:
        boxes.append(
            box("reserve", ["Debt service reserve", millions(reserve, currency)], "quiet", (0.385, 0.78, 0.23, 0.18))
        )
        arrows.append(arrow("issuer", "reserve", "bottom", "top", "Drawn where cash falls short"))
    classes = [
        (tranche.code, [tranche.name, f"{millions(tranche.amount, currency)}, {agreed(tranche.coupon_rate, 'rate')}, {tranche.rating or 'not rated'}"], "soft")
        for tranche in facts.tranches
    ]  # fmt: skip
    classes.append(("equity", ["Sponsor equity", "What is left, after lock-up tests"], "good"))
    step = 1.0 / len(classes)
    for at, (key, words, look) in enumerate(classes):
        boxes.append(box(key, words, look, (0.77, at * step, 0.23, 0.7 * step)))
        arrows.append(arrow("issuer", key, "right", "left", ""))
    return {"boxes": boxes, "arrows": arrows}


def _pricing_rows(facts: PackFacts) -> list[list[str]]:
    """Benchmark, spread and fair coupon of each class that the market set quotes."""
    found = ((tranche, pricing_of(facts, tranche)) for tranche in facts.tranches)
    return [
        [
            tranche.name, told["rating"], years(told["life_years"]), percent(told["benchmark_rate"]),
            bps(told["spread_bps"]), agreed(tranche.coupon_rate, "rate"), percent(told["fair_coupon_rate"]),
        ]
        for tranche, told in found
        if told["fair_coupon_rate"] is not None
    ]  # fmt: skip


def _comparables() -> list[list[str]]:
    return [
        [each.deal, each.date, each.code, each.amount, each.rating, each.coupon, each.ltv] for each in comparables()
    ]


def _priority(facts: PackFacts) -> list[list[str]]:
    """The priority of payments with the base case's sums; what is never paid is left out."""
    paid = [line for line in cash_life(facts.detail.periods).payments if line.amount]
    return [[str(rank), line.label, amount(line.amount)] for rank, line in enumerate(paid, 1)]


def _critical_words(titles: Sequence[str]) -> str:
    """The first task without float and how many follow: all of them stand in the checklist."""
    if not titles:
        return "none"
    return titles[0] if len(titles) == 1 else f"{titles[0]}, and {len(titles) - 1} more"


def _indication(facts: PackFacts) -> str:
    rating = facts.tranches[0].rating
    return f"indicated {rating}" if rating else "no rating indicated"


def _lease_title(facts: PackFacts) -> str:
    inputs = facts.deal.inputs
    return f"{megawatts(it_load_mw(inputs))} of IT load let for {years(inputs.lease.term_years)} to a tenant rated {inputs.credit.tenant_rating}"


def _debt_title(facts: PackFacts) -> str:
    """Whether the senior notes are repaid by their maturity, or what then stands."""
    senior = facts.tranches[0]
    if senior.balloon_amount <= 0.0:
        return f"Senior notes are repaid by {day(senior.maturity_date)}"
    return f"{millions(senior.balloon_amount, facts.currency)} of senior notes stand on {day(senior.maturity_date)}"


def _stress_title(facts: PackFacts) -> str:
    losses = losses_of(facts.detail.stress)
    return f"Senior notes are paid in full in {losses.scenario_count - losses.default_count} of {losses.scenario_count} stress scenarios"


def _source(facts: PackFacts) -> str:
    told = "; ".join(f"{label}: {words}" for label, words in facts.about)
    return f"Source of every figure: {facts.lineage}. {told}"


def _cover(facts: PackFacts, source: str) -> Fields:
    marks = facts.marks
    return {
        "layout": "Cover",
        "title": facts.title,
        "subtitle": "Investor presentation",
        "text": [
            f"{marks.organisation}, {frozen_on(facts)}",
            f"{marks.version_words}. {marks.confidentiality}",
            *filter(None, (facts.over_raise,)),
        ],
        "notes": source,
    }


def table_slide(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    shares: Sequence[float],
    notes: str,
    right: Sequence[int] = (),
) -> Fields:
    """A slide with a table; `shares` are the columns' widths, `right` the columns of figures."""
    table = {"head": list(head), "rows": [list(row) for row in rows], "shares": list(shares), "right": list(right)}
    return {"layout": "Table", "title": title, "table": table, "notes": notes}


def _chart(title: str, chart: Chart, words: Sequence[str], notes: str) -> Fields:
    """A slide with a chart and what it says in words."""
    return {"layout": "Chart", "title": title, "chart": chart_fields(chart), "text": list(words), "notes": notes}


def chart_fields(chart: Chart) -> Fields:
    """A chart as the slides draw it; a limit across bars is told in words, since bars lie."""
    marks = {series.mark for series in chart.series}
    kind = (
        "bar"
        if Mark.BAR in marks
        else "stacked"
        if Mark.STACKED in marks
        else "column"
        if Mark.COLUMN in marks
        else "line"
    )
    shown = [series for series in chart.series if kind != "bar" or series.mark is not Mark.LIMIT]
    return {
        "kind": kind,
        "unit": chart.currency,
        "number_format": NUMBER_FORMATS[chart.unit],
        "category_label": "" if kind == "bar" else chart.category_label,
        "categories": list(chart.categories),
        "series": [{"name": each.name, "values": list(each.values), "mark": str(each.mark)} for each in shown],
    }


def _overview(facts: PackFacts) -> list[list[str]]:
    row, senior, currency = facts.detail.row, facts.tranches[0], facts.currency
    terms = [
        ["Senior notes", money(senior.amount, currency)],
        ["Senior coupon", agreed(senior.coupon_rate, "rate")],
        ["Senior anticipated repayment" if senior.ard else "Senior maturity", day(senior.maturity_date)],
        ["Senior average life", years(senior.ard.wal_years if senior.ard else senior.wal_years)],
        ["Indicative rating", senior.rating or "none"],
        ["Mezzanine notes", money(facts.tranches[1].amount, currency) if len(facts.tranches) > 1 else "none"],
        ["Closing date", day(facts.close_date)],
        ["Day-one value", money(row["day_one_value"], currency)],
    ]
    measures = [
        ["DSCR, minimum", times(row["dscr_minimum"])],
        ["Total DSCR, minimum", times(row["total_dscr_minimum"])],
        ["Loan to cost, internal", share(row["loan_to_cost_ratio"])],
        ["Total LTV, haircut value", share(row["total_agency_ltv_ratio"])],
        ["DSCR, worst stress", times(row["worst_stressed_dscr"])],
        ["Equity IRR", cell_in("sponsor_irr_rate", row).text],
        ["WACC", percent(row["wacc_rate"])],
        ["Cash equity, share of uses", share(row["equity_ratio"])],
    ]
    return [[*left, *right] for left, right in zip(terms, measures, strict=True)]


def _asset(facts: PackFacts) -> list[list[str]]:
    inputs, currency = facts.deal.inputs, facts.currency
    derived = derive(inputs, facts.deal.terms)
    return [
        ["Project", facts.title],
        ["Sponsor", facts.sponsor or "not named"],
        ["Location", ", ".join(filter(None, (facts.location, COUNTRIES[str(inputs.country)])))],
        ["Power at the connection", megawatts(inputs.power.gross_facility_mw)],
        ["IT load", f"{megawatts(it_load_mw(inputs))} at a PUE of {factor(inputs.power.pue)}"],
        [
            "Lease",
            f"{LEASES[str(inputs.revenue.lease_type)]}, {years(inputs.lease.term_years)} from {day(facts.operations_date)}",
        ],
        ["Rent adjusted", INDEXATIONS[str(inputs.lease.indexation)]],
        ["Tenant's rating", inputs.credit.tenant_rating],
        ["First year's NOI as entered", money(derived.year_one.noi_amount, currency)],
        ["Value", money(facts.structure.cash.value_amount, currency)],
        ["Project cost, internal", money(facts.deal.resolved.project.internal_cost_amount, currency)],
    ]


def _sources_and_uses(facts: PackFacts) -> list[str]:
    lines = [*facts.detail.sources, *facts.detail.uses]
    return [f"{line.label}: {money(line.amount, facts.currency)}" for line in lines if line.amount]


def _capital_title(facts: PackFacts) -> str:
    debt = sum(tranche.amount for tranche in facts.tranches)
    return f"Debt reaches {share(debt / facts.structure.cash.value_amount)} of value; equity stands behind it"


def _ranking(facts: PackFacts) -> list[list[str]]:
    """Each class with the share of value up to which it and those ahead reach."""
    rows, reached = [], 0.0
    for rank, tranche in enumerate(facts.tranches, 1):
        reached += tranche.amount / facts.structure.cash.value_amount
        rows.append([
            str(rank), tranche.name, money(tranche.amount, facts.currency), share(reached), agreed(tranche.coupon_rate, "rate"),
            _repayment(facts, tranche), day(tranche.maturity_date), tranche.rating or "not rated",
        ])  # fmt: skip
    return [
        *rows,
        [str(len(rows) + 1), "Sponsor equity", "", share(1.0), "", "distributions after lock-up tests", "", ""],
    ]


def _repayment(facts: PackFacts, tranche: Tranche) -> str:
    words = AMORTISATIONS[tranche.amortisation]
    if tranche.balloon_amount and tranche.code == "senior":
        swept = facts.deal.terms.balloon_mode == BalloonMode.SWEEP
        return f"{words}, then {'a sweep of cash to lease end' if swept else 'refinanced'}"
    return words


def _cover_words(facts: PackFacts) -> list[str]:
    row, detail = facts.detail.row, facts.detail
    floor = dscr_floor(facts.detail)
    words = [
        f"DSCR {times(row['dscr_minimum'])} at its lowest, {times(row['dscr_average'])} on average",
        f"{_life_words(facts)}, PLCR {times(row['plcr'])}, ICR {times(row['icr'])}",
        f"Senior LTV {share(row['agency_ltv_ratio'])} of haircut value (house assumption), {share(row['appraisal_ltv_ratio'])} of appraisal",
        f"Indicative rating of the senior notes: {facts.tranches[0].rating or 'none'}",
    ]
    if taxed := facts.after_tax:
        words.append(
            f"After tax: DSCR {times(taxed.dscr_minimum)} at its lowest, {times(taxed.dscr_average)} on average, "
            f"equity IRR {'none' if taxed.equity_irr_rate is None else percent(taxed.equity_irr_rate)}"
        )
    if floor is not None:
        words.append(f"Lowest DSCR that {detail.judged_rating} allows: {agreed(floor, 'times')}")
    if detail.binding:
        words.append(f"Binding criterion: {detail.binding.label}")
    return words


def _cash_words(facts: PackFacts) -> list[str]:
    detail, currency = facts.detail, facts.currency
    trap = facts.cash_trap
    steps = ", ".join(f"{agreed(level, 'times')} ({agreed(part, 'share')} retained)" for level, part in trap.steps)
    return [
        f"Senior debt service in year 1: {money(detail.years['senior_interest'][0] + detail.years['senior_principal'][0], currency)}",
        f"Debt service reserve: {months(facts.detail.levers['dsra_months'])} of senior debt service",
        f"Lock-up below a trailing DSCR of {steps}",
        f"Flags in the base case: {flags_told(event.flag for event in detail.flags) or 'none'}",
    ]


def _life_words(facts: PackFacts) -> str:
    """Cover over the loan's life; of a note with an ARD, what the cash afterwards covers."""
    ard = facts.tranches[0].ard
    return (
        f"Cash after the ARD {times(ard.cover_ratio)} of the balloon"
        if ard
        else f"LLCR {times(facts.detail.row['llcr'])}"
    )


def _balance_words(facts: PackFacts) -> list[str]:
    words = []
    for tranche in facts.tranches:
        words.append(f"{tranche.name}: {money(tranche.amount, facts.currency)}, {due_words(tranche)}")
        if tranche.balloon_amount and not tranche.ard:
            words.append(f"Balloon at maturity: {money(tranche.balloon_amount, facts.currency)}")
        if tranche.wal_years is not None:
            words.append(f"Average life {years(tranche.wal_years)}, yield {percent(tranche.yield_rate)}")
    return words


def _stress_words(facts: PackFacts) -> list[str]:
    rows, floor = facts.detail.stress, facts.deal.resolved.terms.stressed_floor
    known = [row for row in rows if row.stressed_dscr is not None]
    worst = min(known, key=lambda row: row.stressed_dscr or 0.0, default=None)
    kept = sum(row.stressed_dscr is None or row.stressed_dscr >= floor for row in rows)
    ratings = dict.fromkeys(
        sorted(
            (rating_left(row) for row in rows),
            key=lambda each: (each == DEFAULT, notch_of(each) if each != DEFAULT else 0),
        )
    )
    words = [f"{len(rows)} scenarios of CPI, rates and tenant default, alone and together"]
    words += [line[0].upper() + line[1:] for line in loss_lines(losses_of(rows))]
    if worst:
        words.append(f"Lowest cover: {worst.scenario.label}, with a lowest DSCR of {times(worst.stressed_dscr)}")
    words.append(f"Stressed floor of {agreed(floor, 'times')} kept in {kept} of {len(rows)}")
    counts = ", ".join(f"{rating} in {sum(rating_left(row) == rating for row in rows)}" for rating in ratings)
    return [*words, f"Rating under stress: {counts}"]


def _hedging(facts: PackFacts) -> list[list[str]]:
    rows: list[list[str]] = []
    if inflation := facts.inflation_swap:
        rows += [
            ["Inflation swap", f"Zero-coupon strip of {years(inflation.tenor_years)} on the first year's NOI"],
            [
                "Notional",
                f"{money(inflation.notional_amount, facts.currency)}, {agreed(inflation.hedged_ratio, 'share')} of NOI",
            ],
            [
                "Issuer receives",
                f"{agreed(inflation.fixed_rate, 'rate')} a year, {agreed(inflation.dealer_spread_bps, 'bps')} below breakeven",
            ],
            ["Issuer pays", "The growth of the index"],
        ]
    if swap := facts.return_swap:
        rows += [
            [
                "Total return swap",
                f"On {agreed(swap.share, 'share')} of the senior notes, until {day(swap.maturity_date)}",
            ],
            ["Notional", money(swap.notional_amount, facts.currency)],
            ["Issuer receives", f"The coupon, {agreed(swap.coupon_rate, 'rate')}"],
            ["Issuer pays", f"{agreed(swap.financing_rate, 'rate')} and {agreed(swap.spread_bps, 'bps')}"],
            [
                "Initial margin",
                f"{money(swap.margin_amount, facts.currency)}, {agreed(swap.haircut_ratio, 'share')} of the notional",
            ],
        ]
    return rows


def _eligibility(facts: PackFacts) -> list[list[str]]:
    """The facilities that take the notes or may; those that refuse them stand in the compliance report."""
    return [
        [
            verdict.bank,
            verdict.facility,
            VERDICTS[verdict.verdict],
            agreed(verdict.haircut_ratio, "share"),
            _open_points(verdict),
        ]
        for verdict in facts.report.repo
        if verdict.verdict != "not_eligible"
    ]


def _open_points(verdict: Any) -> str:
    failed = [check.label for check in verdict.criteria if check.state == "not_met"]
    return ", ".join([*(f"{label} (failed)" for label in failed), *verdict.missing]) or "none"


def _triggers(facts: PackFacts) -> list[list[str]]:
    """What a fall of cover sets off, and what follows the notes not being repaid."""
    trap, senior, held = facts.cash_trap, facts.tranches[0], months(facts.detail.levers["dsra_months"])
    rows = [
        [
            f"DSCR of {months(trap.window_months)} below {agreed(level, 'times')}",
            f"{agreed(part, 'share')} of residual cash is trapped until cover is back",
        ]
        for level, part in trap.steps
    ]
    rows.append(
        [
            "Cash does not pay senior debt service",
            f"Debt service reserve of {held} is drawn, and filled again ahead of what ranks behind",
        ]
    )
    if len(facts.tranches) > 1:
        rows.append(
            ["Cash does not pay mezzanine interest", "Deferred at the coupon; no default while senior notes stand"]
        )
    if senior.ard:
        step_up = agreed(facts.deal.terms.step_up_bps, "bps")
        rows.append(
            [
                f"Not repaid on {day(senior.maturity_date)}",
                f"Coupon rises by {step_up}; all residual cash repays the notes until {day(senior.legal_final_date)}",
            ]
        )
    rows.append(
        [
            "DSCR below [1.00]x, or senior notes not paid",
            "Event of default: acceleration and enforcement by the controlling class",
        ]
    )
    return rows


def _risks(facts: PackFacts) -> list[list[str]]:
    inputs, senior = facts.deal.inputs, facts.tranches[0]
    rows = [
        [
            "Construction",
            f"{months(inputs.construction.months)} to build; contingency in the budget, interest to completion provided for",
        ],
        ["Tenant credit", f"Rated {inputs.credit.tenant_rating}; default of part of the rent and re-letting stressed"],
        [
            "Falling cover",
            f"Lock-up tests, cash trap and {months(facts.detail.levers['dsra_months'])} of debt service in reserve",
        ],
        [
            "Value",
            f"{share(1.0 - senior.amount / facts.structure.cash.value_amount)} of value stands behind the senior notes, in equity and junior debt",
        ],
        [
            "Operating cost",
            f"{LEASES[str(inputs.revenue.lease_type)].capitalize()} lease; overruns in the sensitivities of the stress grid",
        ],
    ]
    if senior.balloon_amount:
        letting = facts.deal.letting
        again = " and of the re-letting after it" if letting.end > letting.lease_months else ""
        rows.append(
            [
                "Refinancing",
                f"Balloon of {money(senior.balloon_amount, facts.currency)} against the cash left to lease end{again}: {headroom_words(facts)}; {_after_maturity(facts)}",
            ]
        )
    rows.append(["Inflation", _inflation_words(facts)])
    rows.append(
        [
            "Interest rates",
            f"{rate_words(facts.deal.terms.unfixed_ratio).capitalize()} notes; shocks of up to {agreed(max((row.scenario.rate_shift_bps for row in facts.detail.stress), default=0), 'bps')} stressed on what floats and on a refinancing",
        ]
    )
    if senior.is_wrapped:
        rows.append(["Credit of the notes", "Scheduled payments guaranteed by an insurer"])
    if facts.return_swap:
        rows.append(
            [
                "Margin calls",
                f"Initial margin of {money(facts.return_swap.margin_amount, facts.currency)} funded at close",
            ]
        )
    return rows


def _after_maturity(facts: PackFacts) -> str:
    swept = facts.tranches[0].ard is not None
    return "swept from all residual cash if not repaid" if swept else "to be refinanced at maturity"


def _inflation_words(facts: PackFacts) -> str:
    if facts.inflation_swap:
        return f"Swapped for {years(facts.inflation_swap.tenor_years)} on {agreed(facts.inflation_swap.hedged_ratio, 'share')} of NOI"
    return f"Rent adjusted {INDEXATIONS[str(facts.deal.inputs.lease.indexation)]}; CPI stressed"


def _timetable(facts: PackFacts) -> list[list[str]]:
    """A line for each workstream of the checklist: its days, and the tasks without float."""
    streams = dict.fromkeys(task.workstream for task in facts.checklist)
    rows = []
    for stream in streams:
        tasks = [task for task in facts.checklist if task.workstream == stream]
        critical = _critical_words([task.title for task in tasks if task.is_critical])
        first, last = min(task.start_date for task in tasks), max(task.end_date for task in tasks)
        rows.append([stream, day(first), day(last), critical])
    return rows
