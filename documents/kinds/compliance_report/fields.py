"""What the compliance report takes from the facts: the report of the financing, as its page and its JSON show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents.facts import PackFacts
from documents.facts.stress import flags_told, loss_lines, losses_of
from documents.kinds.kind import Fields, Part
from documents.kinds.paper import after_tax_fields
from engine.permutations import AXES
from records.sources import publication


def fields(facts: PackFacts, part: Part) -> Fields:
    """The report's own data; levers with their units, and a source that all checks of a section share said once."""
    report = facts.report.as_dict()
    names = ("rule_set", "snapshot", "engine_version", "jurisdiction", "verdict", "binding")
    sections = [_section(section) for section in report["sections"]]
    return {
        **{name: report[name] for name in (*names, "remediation", "agency_readings")},
        "flags": flags_told(facts.report.flags),
        "repo": [_bank(bank) for bank in report["repo"]],
        "after_tax": after_tax_fields(facts),
        "stress": stress_fields(facts),
        "losses": loss_lines(losses_of(facts.detail.stress)),
        "failures": list(_failures(sections)),
        "sections": sorted(sections, key=_is_ladder),
        "levers": [
            {"label": AXES[code].label, "value": value, "unit": AXES[code].unit}
            for code, value in report["levers"].items()
        ],
    }


def _section(section: Fields) -> Fields:
    """A section with the publications its limits come from; one that all checks share is said once."""
    checks = [check | {"source": publication(check["source"])} for check in section["checks"]]
    return section | {"checks": checks, "source": _shared_source(checks)}


def _bank(bank: Fields) -> Fields:
    criteria = [check | {"source": publication(check["source"])} for check in bank["criteria"]]
    return bank | {"criteria": criteria, "haircut_source": publication(bank["haircut_source"])}


def _is_ladder(section: Fields) -> bool:
    """True of a rating that was not judged: it stands behind what decides."""
    return section["code"].startswith("rating_") and not section["is_judged"]


def _failures(sections: list[Fields]) -> Iterator[Fields]:
    """Every check that fails among those that decide."""
    for section in sections:
        if not _is_ladder(section):
            yield from (check | {"section": section["title"]} for check in section["checks"] if not check["passed"])


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
