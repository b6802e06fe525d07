"""Two to six runs side by side, of one project or of several: what was asked, how many passed, what was best, which inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import lookup
from engine.permutations import AXES, COLUMNS
from engine.project import FIELDS as INPUT_FIELDS
from engine.terms import FIELDS as TERM_FIELDS
from financings.typed import WORDS, code_words, value_label
from financings.words import cell, term_text, tier_words
from jobs.models import JobState
from lib import figures
from lib.figures import readers_format
from permutations.models import Run
from permutations.results import rows_of, source_of
from permutations.tiers import best_first
from projects import screen
from tables.reading import firsts_of

MOST_VALUES = 40
BEST_FIGURES = (
    "rating_notch", "score", "day_one_value", "senior_amount", "mezz_amount", "total_dscr_minimum", "worst_stressed_dscr",
    "total_agency_ltv_ratio", "sponsor_irr_rate",
)  # fmt: skip
# The lever whose values the best of each are told by.
EACH_OF = {
    "senior_tenor_years": "Best score of each senior tenor",
    "senior_amortisation": "Best score of each amortisation",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told of every run, in their order; `permutations` lead to the structure behind a text."""

    label: str
    texts: tuple[str, ...]
    permutations: tuple[int | None, ...] = ()

    @property
    def differs(self) -> bool:
        """True where the runs are not alike in it."""
        return len(set(self.texts)) > 1

    @property
    def cells(self) -> list[tuple[str, int | None]]:
        """Each text with the permutation it leads to."""
        return list(zip(self.texts, self.permutations or (None,) * len(self.texts), strict=True))


Groups = list[tuple[str, list[Line]]]


def compared(runs: Sequence[Run]) -> Groups:
    """Every line by group; groups of which no run has anything are left out."""
    best = [_best_row(run) for run in runs]
    groups = [
        ("Settings", list(_settings(runs))),
        ("Levers", list(_levers(runs))),
        ("Assumptions that differ", [line for line in _terms(runs) if line.differs]),
        ("Inputs that differ", [line for line in _inputs(runs) if line.differs]),
        ("How many passed", list(_counts(runs))),
        ("First reason of those that did not", list(_by_name(runs, lambda run: _found(run, "reasons"), code_words))),
        ("Tiers", list(_by_name(runs, lambda run: dict(best_first(run.summary.get("tiers", {}))), str))),
        ("Best structure", list(_best(best))),
        *((title, list(_best_of_each(runs, column))) for column, title in EACH_OF.items()),
    ]
    return [(title, lines) for title, lines in groups if lines]


def _settings(runs: Sequence[Run]) -> Iterator[Line]:
    told: dict[str, Any] = {
        "Project": lambda run: run.project.title,
        "State": lambda run: run.get_state_display(),
        "Inputs": lambda run: f"Version {run.snapshot.version}",
        "Rules": lambda run: str(run.rule_set),
        "Market": lambda run: str(run.market_set or figures.DASH),
        "Engine": lambda run: run.engine_version,
        "Objective": lambda run: WORDS.get(run.objective, run.objective),
        "Hard filters": lambda run: "; ".join(_filter(item) for item in run.hard_filters) or "None",
        "Permutations of the space": lambda run: figures.count(run.space_count),
        "Evaluated": lambda run: figures.count(run.evaluated_count),
        "Seed": lambda run: str(run.seed),
    }
    for label, text in told.items():
        yield Line(label, tuple(text(run) for run in runs))


def _filter(item: dict[str, Any]) -> str:
    return f"{COLUMNS[item['column']].label} {item['operator']} {cell(item['column'], item['value']).text}"


def _levers(runs: Sequence[Run]) -> Iterator[Line]:
    for code, spec in AXES.items():
        held = [run.lever_set.get("axes", {}).get(code) for run in runs]
        if any(held):
            yield Line(
                spec.label,
                tuple(", ".join(value_label(spec, each) for each in values or ()) or "Closed" for values in held),
            )


def _terms(runs: Sequence[Run]) -> Iterator[Line]:
    for spec in TERM_FIELDS:
        yield Line(spec.label, tuple(term_text(spec, run.terms.get(spec.path, spec.default)) for run in runs))


def _inputs(runs: Sequence[Run]) -> Iterator[Line]:
    for spec in INPUT_FIELDS:
        values = [lookup(run.snapshot.inputs, spec.path) for run in runs]
        if any(isinstance(value, dict | list) for value in values):
            yield from _parts(spec.label, values)
        else:
            yield Line(
                spec.label,
                tuple(
                    figures.DASH if value in (None, "") else screen.input_text(spec, value, readers_format())
                    for value in values
                ),
            )


def _parts(label: str, values: Sequence[Any]) -> Iterator[Line]:
    """A table of amounts among the inputs, line by line."""
    tables = [value if isinstance(value, dict) else {} for value in values]
    for name in dict.fromkeys(name for table in tables for name in table):
        yield Line(f"{label}: {code_words(name)}", tuple(figures.amount(table.get(name)) for table in tables))


def _found(run: Run, name: str) -> Any:
    return run.summary.get("counts", {}).get(name, {})


def _counts(runs: Sequence[Run]) -> Iterator[Line]:
    for label, values in (
        ("Passed Gate A", [run.gate_a_alive for run in runs]),
        ("Passed Gate B", [run.gate_b_alive for run in runs]),
        ("Share that passed both", [run.gate_b_alive / run.evaluated_count for run in runs]),
    ):
        show = figures.percent if label.startswith("Share") else figures.count
        yield Line(label, tuple(show(value) for value in values))


def _by_name(runs: Sequence[Run], counts_of: Any, words: Any) -> Iterator[Line]:
    held = [counts_of(run) or {} for run in runs]
    for name in dict.fromkeys(name for counts in held for name in counts):
        yield Line(words(name), tuple(figures.count(counts.get(name, 0)) for counts in held))


def _best_row(run: Run) -> tuple[int, dict[str, Any]] | None:
    top = run.top_results.order_by("rank").first()
    return (top.permutation_index, rows_of(run, [top.permutation_index])[top.permutation_index]) if top else None


def _best(best: Sequence[tuple[int, dict[str, Any]] | None]) -> Iterator[Line]:
    if not any(best):
        return
    keys = tuple(each[0] if each else None for each in best)
    rows = [each[1] if each else {} for each in best]
    yield Line("Tier", tuple(tier_words(row.get("tier") or 0) if row else figures.DASH for row in rows), keys)
    for name in BEST_FIGURES:
        yield Line(COLUMNS[name].label if name in COLUMNS else "Score", tuple(_text(name, row) for row in rows), keys)
    for code, spec in AXES.items():
        values = [row.get(code) for row in rows]
        if any(value is not None for value in values):
            yield Line(spec.label, tuple(_text(code, row) for row in rows), keys)


def _best_of_each(runs: Sequence[Run], column: str) -> Iterator[Line]:
    held = [_firsts(run, column) for run in runs]
    for value in sorted({value for firsts in held for value in firsts}):
        firsts = [each.get(value) for each in held]
        texts = tuple(_text("score", row) if row else figures.DASH for row in firsts)
        yield Line(cell(column, value).text, texts, tuple(row["index"] if row else None for row in firsts))


def _firsts(run: Run, column: str) -> dict[Any, dict[str, Any]]:
    """The best row of each value of a lever; nothing of a run that is not done, or did not vary it."""
    if run.state != JobState.DONE or column not in (source := source_of(run)).columns:
        return {}
    rows = rows_of(run, firsts_of(source, column, "rank", MOST_VALUES))
    return {row[column]: {**row, "index": key} for key, row in rows.items()}


def _text(name: str, row: dict[str, Any]) -> str:
    return figures.DASH if row.get(name) is None else cell(name, row[name]).text
