"""What the PDF kinds share: the fields that every paper has, and how a folder of fields and template becomes a kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from documents.facts import PackFacts
from documents.facts.stress import flags_told
from documents.kinds.kind import DocumentKind, Fields, Part, Parts, Template, templated
from documents.rendering import render_pdf
from documents.rendering.templating import day
from engine.deal.detail import flag_names
from engine.project.calendar import own_close
from lib.charts import Chart

# What a workbook says of itself.
SCOPE = "Scope"


def paper_kind(
    folder: Path, code: str, title: str, parts: Parts, fields: Callable[[PackFacts, Part], Mapping[str, Any]]
) -> DocumentKind:
    """A kind made of its folder's template.html and sample.json; `fields` need not say what every paper says."""

    def all_fields(facts: PackFacts, part: Part) -> Fields:
        return {"paper": plain(paper_fields(facts, part.title)), **plain(fields(facts, part))}

    template = Template(folder / "template.html", folder / "sample.json", render_pdf)
    return templated(code, title, parts, all_fields, template)


def paper_fields(facts: PackFacts, title: str) -> Fields:
    """What heads, feet, title and provenance of a paper say."""
    marks = facts.marks
    return {
        "title": title,
        "project": facts.title,
        "organisation": marks.organisation,
        "confidentiality": marks.confidentiality,
        "version": marks.version_words,
        "lineage": facts.lineage,
        "is_draft": marks.is_draft,
        "as_of": facts.as_of,
        "close_date": facts.close_date,
        "currency": facts.currency,
        "over_raise": facts.over_raise,
        "warnings": warnings_of(facts),
        "about": [line for line in facts.about if line[0] != SCOPE],
    }


def after_tax_fields(facts: PackFacts) -> Fields | None:
    """Cover, rating and return with each year's tax paid; none where the project pays none."""
    found = facts.after_tax
    names = ("dscr_minimum", "dscr_average", "rating", "equity_irr_rate", "tax_amount")
    return None if found is None else {name: getattr(found, name) for name in names}


def warnings_of(facts: PackFacts) -> list[str]:
    """What a reader must know before he reads on: a failed gate, another close than the project's, a timetable begun."""
    verdict, own = facts.report.verdict, own_close(facts.deal.inputs)
    told = []
    if not verdict["passed"]:
        told.append(f"This structure did not pass both gates: {verdict['gate'].lower()}. It may not be issued.")
    if own is not None and own != facts.close_date:
        told.append(
            f"Dates count from a close on {day(facts.close_date)}; the project itself closes, or starts construction, on {day(own)}."
        )
    begins = min((task.start_date for task in facts.checklist), default=None)
    if begins is not None and begins < facts.as_of.date():
        told.append(f"The timetable to this close began on {day(begins)}, before the date of the base case.")
    return told


def chart_fields(*charts: Chart) -> Fields:
    """Charts as a template names them."""
    return {chart.code: chart for chart in charts}


def flag_words(bits: int) -> str:
    """The flags in a sum of flags, in words."""
    return flags_told(flag_names(bits))


def plain(value: Any) -> Any:
    """The same as JSON takes it: dataclasses as mappings, dates as ISO 8601, nothing where a number is not finite."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
