"""The investor presentation: an issue of notes on slides, its charts, tables and diagram native."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from documents.facts.comparables import comparables
from documents.kinds import presentation
from documents.kinds.diagram import arrow, box
from documents.kinds.paper import plain
from documents.kinds.presentation.fields import table_slide
from documents.rendering import render_slides
from documents.rendering.templating import day, day_short, in_house_format
from lib import figures
from lib.charts import Chart, Mark
from securitisation.papers.collateral import pool_words
from securitisation.papers.facts import NotesFacts
from securitisation.papers.judged import risks_of, strengths_of
from securitisation.papers.paper import NO_OFFER, NOT_A_RATING, Fields

TITLE = "Investor presentation"
TEMPLATE = Path(presentation.__file__).resolve().parent / "template.pptx"
NUMBER_FORMATS = {"amount": '#,##0.0,,"m"', "share": "0.0%"}
MOST_LINES, MOST_HEDGES, MOST_OBLIGORS, MOST_CASES = 15, 5, 3, 10


def presentation_of(facts: NotesFacts) -> bytes:
    """The slides as a PowerPoint file."""
    return render_slides(plain(in_house_format(_fields)(facts)), TEMPLATE.read_bytes())


def _fields(facts: NotesFacts) -> Fields:
    marks = facts.marks
    return {
        "title": f"{TITLE}: {facts.title}",
        "marks": {
            "organisation": marks.organisation,
            "words": f"{marks.version_words}. {marks.confidentiality}. {facts.lineage}",
            "foot": f"{marks.organisation}. {marks.confidentiality}. {marks.version_words}",
            "is_draft": marks.is_draft,
            "made_at": facts.made_at.replace(tzinfo=None),
        },
        "slides": list(_slides(facts)),
    }


def _slides(facts: NotesFacts) -> Iterator[Fields]:
    source = "Source of every figure: " + "; ".join(f"{label}: {words}" for label, words in facts.about)
    yield _cover(facts, source)
    yield {"layout": "Text", "title": "Important notice", "text": [NO_OFFER, NOT_A_RATING], "notes": source}
    yield table_slide(_classes_title(facts), CLASS_HEAD, _class_rows(facts), (1.6, 2.2, 1.5, 1.5, 1.7, 1.6, 1.6, 2, 1.4), source, (1, 2, 3, 4, 6))  # fmt: skip
    yield _chart(_capital_title(facts), facts.charts["capital"], _capital_words(facts), source)
    yield {"layout": "Text", "title": "Structure", "diagram": _diagram(facts), "notes": source}
    yield table_slide("The pool", ("Figure", "Value"), pool_words(facts), (3, 6), source)
    for project in facts.projects:
        yield table_slide(
            project.title, ("Item", "Figure"), [*project.lines, *project.hedges][:MOST_LINES], (3, 7), source
        )
    for at in range(0, len(facts.hedges), MOST_HEDGES):
        more = " (continued)" if at else ""
        yield table_slide(
            f"Hedges of the issuer{more}", ("Swap", "Terms"), facts.hedges[at : at + MOST_HEDGES], (2, 9), source
        )
    for title, lines in facts.priorities:
        shown = [(str(at), _without_ordinal(words)) for at, words in enumerate(lines, 1)]
        for at in range(0, len(shown), MOST_LINES):
            more = " (continued)" if at else ""
            yield table_slide(
                f"{title} priority of payments{more}",
                ("Step", "What is paid"),
                shown[at : at + MOST_LINES],
                (0.6, 10),
                source,
            )
    if facts.triggers:
        rows = [(each["name"], each["words"], each["base"]) for each in facts.triggers]
        yield table_slide(
            "Triggers", ("Trigger", "Breached when", "In the base case"), rows[:MOST_LINES], (1.4, 6, 3), source
        )
    yield _chart("What each class is paid a year", facts.charts["paid"], _paid_words(facts), source)
    yield _chart("What stands at the end of each year", facts.charts["stands"], _stands_words(facts), source)
    yield table_slide("How much each class stands", RISK_HEAD, _risk_rows(facts), (1.6, 1.8, 1.6, 1.5, 1.8, 1.8, 1.8, 1.5), source, (1, 2, 4, 5, 6, 7))  # fmt: skip
    yield _chart("Losses by class as defaults rise", facts.charts["losses"], _loss_words(facts), source)
    yield _sensitivities(facts, source)
    yield table_slide("Strengths", ("", "Strength"), list(_numbered(strengths_of(facts))), (0.5, 10), source)
    yield table_slide("Risks", ("", "Risk"), list(_numbered(risks_of(facts))), (0.5, 10), source)
    every = [
        (each.deal, each.date, each.code, each.amount, each.rating, each.coupon, each.ltv) for each in comparables()
    ]
    for at in range(0, len(every), MOST_LINES):
        more = " (continued)" if at else ""
        yield table_slide(f"Published data-centre deals{more}", COMPARABLE_HEAD, every[at : at + MOST_LINES], (2.6, 1.1, 1.6, 1.6, 3, 1, 1.2), source)  # fmt: skip
    yield table_slide("Where the figures come from", ("Source", "What"), facts.about, (2, 9), source)


ARROW_WORDS = {"fees": "Fees", "swaps": "Net payments"}
CLASS_HEAD = (
    "Class",
    "Balance",
    "Attaches",
    "Detaches",
    "Enhanced by",
    "Coupon",
    "Average life",
    "Legal final",
    "Indicated",
)
RISK_HEAD = ("Class", "Default probability", "Expected loss", "Indicated", "Break-even CDR", "Break-even severity", "First-loss multiple", "Risk weight")  # fmt: skip
COMPARABLE_HEAD = ("Deal", "Date", "Class", "Amount", "Rating, agency", "Coupon", "LTV")


def _without_ordinal(words: str) -> str:
    """`Interest due on Class A.` of `Third, interest due on Class A.`: the table numbers its lines itself."""
    said = words.partition(", ")[2] or words
    return f"{said[:1].upper()}{said[1:]}"


def _numbered(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line with its number, as many as a slide holds."""
    for at, words in enumerate(lines[:MOST_LINES], 1):
        yield str(at), words


def _cover(facts: NotesFacts, source: str) -> Fields:
    marks = facts.marks
    return {
        "layout": "Cover",
        "title": facts.title,
        "subtitle": TITLE,
        "text": [f"{marks.organisation}, {day(facts.made_at)}", f"{marks.version_words}. {marks.confidentiality}"],
        "notes": source,
    }


def _chart(title: str, chart: Chart, words: Sequence[str], notes: str) -> Fields:
    """A slide with a native chart and what it says in words."""
    stacked = any(each.mark is Mark.STACKED for each in chart.series)
    drawn = {
        "kind": "stacked" if stacked else "line",
        "unit": chart.currency,
        "number_format": NUMBER_FORMATS[chart.unit],
        "category_label": chart.category_label,
        "maximum": 1.0 if stacked and chart.unit == "share" else None,
        "categories": list(chart.categories),
        "series": [{"name": each.name, "values": list(each.values), "mark": str(each.mark)} for each in chart.series],
    }
    return {"layout": "Chart", "title": title, "chart": drawn, "text": list(words), "notes": notes}


def _classes_title(facts: NotesFacts) -> str:
    notes, count = facts.deal.structure.notes_amount, len(facts.classes)
    return f"{figures.millions(notes, facts.currency)} of notes in {count} class{'' if count == 1 else 'es'}"


def _class_rows(facts: NotesFacts) -> list[list[str]]:
    return [
        [
            each["name"], figures.amount(each["balance_amount"]), figures.share(each["attachment_ratio"]),
            figures.share(each["detachment_ratio"]), figures.share(each["enhancement_ratio"]), each["coupon"],
            figures.years(each["wal_years"]), day_short(each["legal_final"]), each["rating"],
        ]
        for each in facts.classes
    ]  # fmt: skip


def _capital_title(facts: NotesFacts) -> str:
    first = facts.classes[0]
    return f"{figures.share(first['enhancement_ratio'])} of the pool stands below {first['name']}"


def _capital_words(facts: NotesFacts) -> list[str]:
    lines = [
        f"{each['name']}: attaches at {figures.share(each['attachment_ratio'])}, detaches at {figures.share(each['detachment_ratio'])}"
        for each in facts.classes
    ]
    equity = f"Equity: {figures.money(facts.equity_amount, facts.currency)}, {figures.share(facts.equity_amount / facts.pool_amount)}"
    return [
        *lines,
        equity,
        f"Excess spread {figures.percent(facts.excess_spread)} a year at closing",
        f"Reserve: {dict(facts.terms)['Reserve']}",
    ]


def _paid_words(facts: NotesFacts) -> list[str]:
    return [
        f"{each['name']}: {figures.money(each['interest_amount'], facts.currency)} of interest, {figures.money(each['principal_amount'], facts.currency)} of principal"
        for each in facts.classes
    ]


def _stands_words(facts: NotesFacts) -> list[str]:
    return [
        f"{each['name']}: average life {figures.years(each['wal_years'])}, "
        + (f"repaid on {day(each['repaid_on'])}" if each["repaid_on"] else "not repaid in full")
        for each in facts.classes
    ]


def _risk_rows(facts: NotesFacts) -> list[list[str]]:
    rows = []
    for each in facts.classes:
        risk, stands = each["risk"] or {}, each["break_even"]
        rows.append([
            each["name"], figures.percent(risk.get("default_probability")), figures.percent(risk.get("expected_loss_ratio")), each["rating"],
            "none" if stands["cdr"] is None else figures.percent(stands["cdr"]),
            "none" if stands["severity_ratio"] is None else figures.share(stands["severity_ratio"]),
            figures.times(stands["first_loss_multiple"]), figures.share(each["risk_weight"]),
        ])  # fmt: skip
    return rows


def _loss_words(facts: NotesFacts) -> list[str]:
    def stands(rate: float | None) -> str:
        return "whole at any rate" if rate is None else f"whole up to a CDR of {figures.percent(rate)}"

    lines = [f"{each['name']}: {stands(each['break_even']['cdr'])}" for each in facts.classes]
    return [
        *lines,
        f"Severity {figures.agreed(facts.deal.behaviour.severity_ratio, 'share')}, the rest as in the base case",
    ]


def _sensitivities(facts: NotesFacts, source: str) -> Fields:
    heads = [head for each in facts.classes for head in (f"{each['name']}, lost", "life")]
    rows = [
        [row["label"], figures.percent(row["pool_loss_ratio"])]
        + [
            cell
            for loss, life in zip(row["loss_ratios"], row["wal_years"], strict=True)
            for cell in (figures.percent(loss), figures.years(life))
        ]
        for row in facts.sensitivities[:MOST_CASES]
    ]
    shares = (3.2, 1.4, *(1.5 for _ in heads))
    return table_slide(
        "One change at a time", ("Case", "Pool lost", *heads), rows, shares, source, range(1, len(heads) + 2)
    )


def _diagram(facts: NotesFacts) -> Fields:
    """Obligors on the left, the issuer in the middle with who is paid for it and its reserve, classes on the right."""
    boxes, arrows = [], []
    for key, words, look, place in _left(facts):
        boxes.append(box(key, words, look, (0.0, *place)))
        arrows.append(arrow(key, "issuer", "right", "left", ""))
    arrows[0]["words"] = "Interest, principal"
    pool = f"Pool of {figures.millions(facts.pool_amount, facts.currency)}"
    boxes.append(box("issuer", ["Issuer", facts.title, pool], "strong", (0.385, 0.36, 0.23, 0.24)))
    fees, swaps = [name for name, _ in facts.fees], [name for name, _ in facts.hedges]
    above = [each for each in (("fees", "Paid first", fees), ("swaps", "Swap counterparties", swaps)) if each[2]]
    for (key, title, paid), x in zip(above, (0.275, 0.505) if len(above) > 1 else (0.385,), strict=False):
        boxes.append(box(key, [title, ", ".join(paid)], "quiet", (x, 0.02, 0.22, 0.16)))
        arrows.append(arrow("issuer", key, "top", "bottom", ARROW_WORDS[key]))
    if facts.deal.structure.reserve.is_held:
        boxes.append(box("reserve", ["Reserve", dict(facts.terms)["Reserve"]], "quiet", (0.385, 0.78, 0.23, 0.18)))
        arrows.append(arrow("issuer", "reserve", "bottom", "top", "Held for interest and fees"))
    right = [
        (f"class_{each['code']}", [each["name"], f"{figures.millions(each['balance_amount'], facts.currency)}, {each['coupon']}, {each['rating']}"], "soft")
        for each in facts.classes
    ]  # fmt: skip
    right.append(
        ("equity", ["Equity", f"{figures.millions(facts.equity_amount, facts.currency)}, what is left"], "good")
    )
    step = 1.0 / len(right)
    for at, (key, words, look) in enumerate(right):
        boxes.append(box(key, words, look, (0.77, at * step, 0.23, 0.86 * step)))
        arrows.append(arrow("issuer", key, "right", "left", ""))
    return {"boxes": boxes, "arrows": arrows}


def _left(facts: NotesFacts) -> Iterator[tuple[str, list[str], str, tuple[float, float, float]]]:
    """The largest obligors, the others together, each with its share of the column: top, width, height."""
    loans = facts.loans
    shown: list[tuple[str, float]] = [
        (loan.obligor or loan.code, loan.balance_amount) for loan in loans[:MOST_OBLIGORS]
    ]
    rest = loans[MOST_OBLIGORS:]
    if rest:
        shown.append((f"{len(rest)} other loans", sum(loan.balance_amount for loan in rest)))
    step = 1.0 / len(shown)
    for at, (name, amount) in enumerate(shown):
        height = min(0.86 * step, 0.3)
        top = at * step + (step - height) / 2.0
        yield f"loan_{at}", [name, figures.millions(amount, facts.currency)], "soft", (top, 0.23, height)
