"""What the compliance report takes from the facts: the report of the financing, as its page and its JSON show it."""

from __future__ import annotations

from typing import Any

from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part
from documents.kinds.paper import after_tax_fields
from engine.permutations import AXES


def fields(facts: PackFacts, part: Part) -> Fields:
    """The report's own data; levers with their units, and a source that all checks of a section share said once."""
    report = facts.report.as_dict()
    names = ("rule_set", "snapshot", "engine_version", "jurisdiction", "verdict", "binding")
    return {
        **{name: report[name] for name in (*names, "flags", "remediation", "repo", "agency_readings")},
        "after_tax": after_tax_fields(facts),
        "stress": stress_fields(facts),
        "sections": [section | {"source": _shared_source(section["checks"])} for section in report["sections"]],
        "levers": [
            {"label": AXES[code].label, "value": value, "unit": AXES[code].unit}
            for code, value in report["levers"].items()
        ],
    }


def stress_fields(facts: PackFacts) -> Fields:
    """The stress grid in short; its ratings as a list, since their names are data; not passed or failed where not judged."""
    stress = facts.report.as_dict()["stress"]
    counts = [{"rating": rating, "count": count} for rating, count in stress["rating_counts"].items()]
    judged = None if facts.detail.row["stress_passed"] is None else stress["passed"]
    return {**stress, "passed": judged, "rating_counts": counts}


def _shared_source(checks: list[dict[str, Any]]) -> str:
    """The source of every check, where they have only one; else empty."""
    sources = {f"{check['source']} ({check['provenance']})" for check in checks}
    return sources.pop() if len(sources) == 1 and len(checks) > 1 else ""
