"""Would a central bank lend against these notes: each published criterion tested, the haircut, the lendable value.

A criterion is met, not met, or missing, which is to say that nobody has shown it yet. One that is not met refuses; one
that is missing leaves the verdict open. A limit that is itself an assumption (`binding` false) refuses nothing: where it
fails, the bank has to be asked. Source: model book section 10; the rules are data, row by row with their provenance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.basics.ranges import exact
from engine.errors import InputProblems, Problem
from engine.project.inputs import Country, Currency
from engine.ratings.scale import LABELS, notch_of, rating_label


class Verdict(StrEnum):
    """What a facility says of the notes."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    NOT_CONFIRMED = "not_confirmed"


class State(StrEnum):
    """Where one criterion stands."""

    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"


class Kind(StrEnum):
    """What a criterion tests: one test each in `_TESTS`."""

    ASSET_CLASS = "asset_class"
    AGENCY_RATINGS = "agency_ratings"
    RATING = "rating"
    CURRENCY = "currency"
    SENIORITY = "seniority"
    REGION = "region"
    MAX_TENOR = "max_tenor"
    MAX_LTV = "max_ltv"
    MIN_DSCR = "min_dscr"
    MIN_AMORTISED = "min_amortised"
    RESERVE = "reserve"
    CASH_TRAP = "cash_trap"
    EVIDENCE = "evidence"


BASES = ("wal_years", "maturity_years", "duration_years")
SENIORITIES = ("senior", "mezzanine")
STRUCTURE_TYPES = ("fully_amortising", "bullet", "partially_amortising")
_N, _I, _C, _F, _T = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.CHOICE, FieldKind.FLAG, FieldKind.TEXT
_SAID = (
    FieldSpec("provenance", "Provenance", _T, required=True, maximum=200),
    FieldSpec("source", "Source", _T, required=True, maximum=400),
)
CRITERION_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("code", "Code", _T, required=True, maximum=60),
    FieldSpec("label", "Label", _T, required=True, maximum=200),
    FieldSpec("kind", "Kind", _C, required=True, choices=tuple(Kind)),
    FieldSpec("limit", "Limit", _N, minimum=0, maximum=1000),
    FieldSpec("rating", "Lowest rating", _C, choices=LABELS),
    FieldSpec("count", "Agencies", _I, minimum=1, maximum=3),
    FieldSpec("evidence", "Evidence", _T, maximum=60),
    FieldSpec("binding", "Refuses where it fails", _F, default=True),
    *_SAID,
)
HAIRCUT_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("asset_class", "Asset class", _T, required=True, maximum=60),
    FieldSpec("rating", "Rating", _C, choices=LABELS),
    FieldSpec("from_years", "From", _N, "years", 0.0, minimum=0, maximum=100),
    FieldSpec("below_years", "Up to", _N, "years", minimum=0, maximum=100),
    FieldSpec("haircut_ratio", "Haircut", _N, "share", minimum=0, maximum=1),
    *_SAID,
)
CLASS_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("code", "Code", _T, required=True, maximum=60),
    FieldSpec("label", "Label", _T, required=True, maximum=120),
    FieldSpec("family", "Family", _T, required=True, maximum=60),
    FieldSpec("nearest", "Nearest named class", _T, default="", maximum=60),
    FieldSpec("nearest_label", "Nearest named class in words", _T, default="", maximum=120),
    *_SAID,
)
FACILITY_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("code", "Code", _T, required=True, maximum=60),
    FieldSpec("bank", "Central bank", _T, required=True, maximum=80),
    FieldSpec("name", "Name", _T, required=True, maximum=120),
    FieldSpec("gives", "Gives access to", _T, required=True, maximum=300),
    FieldSpec("region", "Region", _C, choices=tuple(Country)),
    FieldSpec("structure_type", "Structure", _C, choices=STRUCTURE_TYPES),
    FieldSpec("haircut_basis", "Haircut by", _C, default="wal_years", choices=BASES),
)


@dataclass(frozen=True, slots=True)
class RepoCriterion:
    """One condition of one facility; which of the limits it reads depends on `kind`."""

    code: str
    label: str
    kind: str
    limit: float | None
    rating: str | None
    count: int | None
    evidence: str | None
    binding: bool
    provenance: str
    source: str
    accepted: tuple[str, ...] = ()
    open_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepoHaircutRow:
    """Haircut of one class, rating (or better; None: any) and bucket [from, below); None where none was found."""

    asset_class: str
    rating: str | None
    from_years: float
    below_years: float | None
    haircut_ratio: float | None
    provenance: str
    source: str

    def holds(self, asset_class: str, notch: int, years: float) -> bool:
        """True if the row is about such notes."""
        fits = self.rating is None or notch <= notch_of(self.rating)
        inside = self.from_years <= years and (self.below_years is None or years < self.below_years)
        return self.asset_class == asset_class and fits and inside


@dataclass(frozen=True, slots=True)
class AssetClass:
    """What kind of notes, the family it belongs to, and the nearest class a bank does name."""

    code: str
    label: str
    family: str
    nearest: str
    nearest_label: str
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class RepoFacility:
    """One door to central-bank money: its conditions and its haircuts; region and structure limit whom it is for."""

    code: str
    bank: str
    name: str
    gives: str
    region: str | None
    structure_type: str | None
    haircut_basis: str
    criteria: tuple[RepoCriterion, ...]
    haircuts: tuple[RepoHaircutRow, ...]


@dataclass(frozen=True, slots=True)
class RepoRules:
    """One version of the eligibility rules."""

    version: str
    classes: tuple[AssetClass, ...]
    facilities: tuple[RepoFacility, ...]

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> RepoRules:
        """The rules of {"version", "classes": [...], "facilities": [...]}; raises InputProblems."""
        problems: list[Problem] = []
        classes = [AssetClass(**row) for row in _rows("classes", CLASS_FIELDS, payload, problems)]
        facilities = [_facility(n, row, problems) for n, row in enumerate(payload.get("facilities", []))]
        if not problems:
            problems.extend(_cross_checks(classes, facilities))
        if problems:
            raise InputProblems(problems)
        return cls(str(payload.get("version", "")), tuple(classes), tuple(f for f in facilities if f))

    def class_of(self, code: str) -> AssetClass:
        """The asset class of a code; raises InputProblems for one the rules do not know."""
        for each in self.classes:
            if each.code == code:
                return each
        known = ", ".join(each.code for each in self.classes)
        raise InputProblems(
            [Problem("asset_class", "asset_class", f"Asset class: expected one of {known}, got {code}.")]
        )


@dataclass(frozen=True, slots=True)
class RepoAsset:
    """The notes as a bank would look at them.

    `agency_notches` holds public ratings only; `indicative_notch` is the rule set's own reading. `evidence` names what
    has been shown (True) or refuted (False); what is not in it is missing.
    """

    asset_class: str
    structure_type: str
    seniority: str
    currency: str
    region: str
    amount: float
    indicative_notch: int
    wal_years: float
    maturity_years: float
    duration_years: float
    ltv_ratio: float
    dscr_minimum: float
    reserve_months: float
    traps_cash: bool
    agency_notches: Mapping[str, int]
    evidence: Mapping[str, bool]
    amortised_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion tested: what was found, what was asked, and where the rule stands."""

    code: str
    label: str
    state: State
    value: str
    limit: str
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class RepoAssessment:
    """One facility's verdict; haircut and lendable value also where it is only not confirmed yet, then as an indication."""

    facility: str
    bank: str
    name: str
    gives: str
    verdict: Verdict
    criteria: tuple[CriterionResult, ...]
    missing: tuple[str, ...]
    haircut_ratio: float | None
    haircut_note: str
    haircut_source: str
    lendable_amount: float | None


def assess(rules: RepoRules, asset: RepoAsset) -> tuple[RepoAssessment, ...]:
    """Every facility's verdict on the notes, in the order of the rules; those for other regions or structures left out."""
    return tuple(_assess(rules, facility, asset) for facility in rules.facilities if _is_for(facility, asset))


def _is_for(facility: RepoFacility, asset: RepoAsset) -> bool:
    return facility.region in (None, asset.region) and facility.structure_type in (None, asset.structure_type)


def _assess(rules: RepoRules, facility: RepoFacility, asset: RepoAsset) -> RepoAssessment:
    results = tuple(_test(rules, criterion, asset) for criterion in facility.criteria)
    verdict = _verdict(results)
    ratio, note, source = _haircut(rules, facility, asset)
    missing = [result.label for result in results if result.state is State.MISSING]
    if ratio is None and verdict is not Verdict.NOT_ELIGIBLE:
        missing.append("Haircut")
    refused = verdict is Verdict.NOT_ELIGIBLE
    return RepoAssessment(
        facility=facility.code,
        bank=facility.bank,
        name=facility.name,
        gives=facility.gives,
        verdict=verdict,
        criteria=results,
        missing=tuple(missing),
        haircut_ratio=None if refused else ratio,
        haircut_note="" if refused else note,
        haircut_source="" if refused else source,
        lendable_amount=None if refused or ratio is None else asset.amount * (1.0 - ratio),
    )


def _verdict(results: Sequence[CriterionResult]) -> Verdict:
    states = {result.state for result in results}
    if State.NOT_MET in states:
        return Verdict.NOT_ELIGIBLE
    return Verdict.NOT_CONFIRMED if State.MISSING in states else Verdict.ELIGIBLE


def _haircut(rules: RepoRules, facility: RepoFacility, asset: RepoAsset) -> tuple[float | None, str, str]:
    """(haircut, whose it is, source) by the facility's own basis; None where the table has no number."""
    known, years = rules.class_of(asset.asset_class), float(getattr(asset, facility.haircut_basis))
    for code, words in ((known.code, known.label), (known.nearest, known.nearest_label)):
        rows = [row for row in facility.haircuts if row.holds(code, asset.indicative_notch, years)]
        if rows:
            # A better rating's row also fits where a worse one's does; the smallest number is the notes' own.
            row = min(rows, key=lambda each: 2.0 if each.haircut_ratio is None else each.haircut_ratio)
            note = words if code == known.code else f"{words}, the nearest named class"
            return row.haircut_ratio, note, f"{row.provenance}: {row.source}"
    return None, "no haircut is published for this class", ""


# One test for each kind of criterion: (state, value found, limit asked), in words


_Found = tuple[State, str, str]


def _test(rules: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> CriterionResult:
    state, value, limit = _TESTS[Kind(criterion.kind)](rules, criterion, asset)
    if state is State.NOT_MET and not criterion.binding:
        state = State.MISSING
    return CriterionResult(criterion.code, criterion.label, state, value, limit, criterion.provenance, criterion.source)


def _met(passed: bool) -> State:
    return State.MET if passed else State.NOT_MET


def _asset_class(rules: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    """A class that is not named may still be confirmed where the bank takes its family: then that is evidence."""
    known = rules.class_of(asset.asset_class)
    asked = ", ".join(code.replace("_", " ") for code in criterion.accepted)
    if known.code in criterion.accepted:
        return State.MET, known.label, asked
    said = asset.evidence.get(criterion.evidence or "")
    if said is not None and known.family in criterion.open_to:
        return _met(said), f"{known.label}, {'confirmed' if said else 'refused'} by the bank", asked
    state = State.MISSING if known.family in criterion.open_to else State.NOT_MET
    return state, f"{known.label}, not named", asked


def _agency_ratings(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    """Enough public ratings at the limit; with too few, an indicative rating below the limit already fails."""
    limit, count = criterion.rating or "AAA", criterion.count or 1
    asked = f"{count} of {', '.join(criterion.accepted)} at {limit} or better"
    found = {agency: notch for agency, notch in asset.agency_notches.items() if agency in criterion.accepted}
    value = ", ".join(f"{agency} {rating_label(notch)}" for agency, notch in found.items())
    if sum(notch <= notch_of(limit) for notch in found.values()) >= count:
        return State.MET, value, asked
    open_seats = len(criterion.accepted) - len(found)
    short = count - sum(notch <= notch_of(limit) for notch in found.values())
    value = f"{value or 'no public rating'}; indicative {rating_label(asset.indicative_notch)}"
    possible = short <= open_seats and asset.indicative_notch <= notch_of(limit)
    return (State.MISSING if possible else State.NOT_MET), value, asked


def _rating(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    limit = criterion.rating or "AAA"
    return _met(asset.indicative_notch <= notch_of(limit)), rating_label(asset.indicative_notch), limit


def _currency(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _met(asset.currency in criterion.accepted), asset.currency, ", ".join(criterion.accepted)


def _seniority(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _met(asset.seniority in criterion.accepted), asset.seniority, ", ".join(criterion.accepted)


def _region(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _met(asset.region in criterion.accepted), asset.region, ", ".join(criterion.accepted)


def _at_most(value: float, limit: float, shown: Callable[[float], str], said: str = "") -> _Found:
    return _met(value <= limit * (1.0 + 1e-9)), shown(value), f"at most {said or shown(limit)}"


def _at_least(value: float, limit: float, shown: Callable[[float], str], said: str = "") -> _Found:
    return _met(value >= limit * (1.0 - 1e-9)), shown(value), f"at least {said or shown(limit)}"


def _max_tenor(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _at_most(asset.maturity_years, criterion.limit or 0.0, lambda v: f"{v:g} years")


def _max_ltv(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    limit = criterion.limit or 0.0
    return _at_most(asset.ltv_ratio, limit, lambda v: f"{v:.1%}", f"{exact(100.0 * limit, 1)}%")


def _min_amortised(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _at_least(asset.amortised_ratio, criterion.limit or 0.0, lambda v: f"{v:.1%}")


def _min_dscr(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    limit = criterion.limit or 0.0
    return _at_least(asset.dscr_minimum, limit, lambda v: f"{v:.2f}x", f"{exact(limit, 2)}x")


def _reserve(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    return _at_least(asset.reserve_months, criterion.limit or 0.0, lambda v: f"{v:g} months")


def _cash_trap(_: RepoRules, __: RepoCriterion, asset: RepoAsset) -> _Found:
    return _met(asset.traps_cash), "yes" if asset.traps_cash else "none", "a cash trap"


def _evidence(_: RepoRules, criterion: RepoCriterion, asset: RepoAsset) -> _Found:
    shown = asset.evidence.get(criterion.evidence or "")
    if shown is None:
        return State.MISSING, "not shown", criterion.label
    return _met(shown), "shown" if shown else "refuted", criterion.label


_TESTS: dict[Kind, Callable[[RepoRules, RepoCriterion, RepoAsset], _Found]] = {
    Kind.ASSET_CLASS: _asset_class,
    Kind.AGENCY_RATINGS: _agency_ratings,
    Kind.RATING: _rating,
    Kind.CURRENCY: _currency,
    Kind.SENIORITY: _seniority,
    Kind.REGION: _region,
    Kind.MAX_TENOR: _max_tenor,
    Kind.MAX_LTV: _max_ltv,
    Kind.MIN_DSCR: _min_dscr,
    Kind.MIN_AMORTISED: _min_amortised,
    Kind.RESERVE: _reserve,
    Kind.CASH_TRAP: _cash_trap,
    Kind.EVIDENCE: _evidence,
}
# What each kind cannot be tested without.
_NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.ASSET_CLASS: ("accepted",),
    Kind.AGENCY_RATINGS: ("accepted", "rating", "count"),
    Kind.RATING: ("rating",),
    Kind.CURRENCY: ("accepted",),
    Kind.SENIORITY: ("accepted",),
    Kind.REGION: ("accepted",),
    Kind.MAX_TENOR: ("limit",),
    Kind.MAX_LTV: ("limit",),
    Kind.MIN_AMORTISED: ("limit",),
    Kind.MIN_DSCR: ("limit",),
    Kind.RESERVE: ("limit",),
    Kind.CASH_TRAP: (),
    Kind.EVIDENCE: ("evidence",),
}


# Reading


def _rows(
    name: str, specs: Sequence[FieldSpec], payload: Mapping[str, Any], problems: list[Problem]
) -> list[dict[str, Any]]:
    return [_row(f"{name}.{n}", specs, row, problems) for n, row in enumerate(payload.get(name, []))]


def _row(place: str, specs: Sequence[FieldSpec], row: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_row", place, f"{place}: expected named values."))
        return {}
    reader = Reader(specs, row)
    values = reader.read()
    problems.extend(Problem(p.code, f"{place}.{p.place}", p.message) for p in reader.problems)
    return values


def _facility(number: int, row: Any, problems: list[Problem]) -> RepoFacility | None:
    place, before = f"facilities.{number}", len(problems)
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_row", place, f"{place}: expected named values."))
        return None
    own = {k: v for k, v in row.items() if k not in ("criteria", "haircuts")}
    values = _row(place, FACILITY_FIELDS, own, problems)
    criteria = [_criterion(f"{place}.criteria.{n}", each, problems) for n, each in enumerate(row.get("criteria", []))]
    rows = enumerate(row.get("haircuts", []))
    haircuts = [_row(f"{place}.haircuts.{n}", HAIRCUT_FIELDS, each, problems) for n, each in rows]
    if len(problems) > before:
        return None
    return RepoFacility(
        **values, criteria=tuple(c for c in criteria if c), haircuts=tuple(RepoHaircutRow(**each) for each in haircuts)
    )


def _criterion(place: str, row: Any, problems: list[Problem]) -> RepoCriterion | None:
    lists = {name: tuple(row.get(name, ())) for name in ("accepted", "open_to")} if isinstance(row, Mapping) else {}
    rest = {k: v for k, v in row.items() if k not in lists} if isinstance(row, Mapping) else row
    before = len(problems)
    values = _row(place, CRITERION_FIELDS, rest, problems)
    if len(problems) > before:
        return None
    criterion = RepoCriterion(**{**values, **lists})
    problems.extend(
        Problem("missing", f"{place}.{name}", f"{criterion.label}: a {criterion.kind} criterion needs {name}.")
        for name in _NEEDS[Kind(criterion.kind)]
        if getattr(criterion, name) in (None, "", ())
    )
    return criterion


def _cross_checks(classes: Sequence[AssetClass], facilities: Sequence[RepoFacility | None]) -> list[Problem]:
    """Codes that stand twice, currencies nobody knows, and haircuts that fall as notes grow longer."""
    problems = []
    for name, codes in (("classes", [c.code for c in classes]), ("facilities", [f.code for f in facilities if f])):
        twice = sorted({code for code in codes if codes.count(code) > 1})
        problems += [Problem("repeated", f"{name}.{code}", f"{code} stands twice.") for code in twice]
    for facility in facilities:
        if facility is not None:
            problems += _currency_problems(facility) + _ladder_problems(facility)
    return problems


def _currency_problems(facility: RepoFacility) -> list[Problem]:
    return [
        Problem("currency", f"{facility.code}.{criterion.code}", f"{criterion.label}: {code} is not a known currency.")
        for criterion in facility.criteria
        if criterion.kind == Kind.CURRENCY
        for code in criterion.accepted
        if code not in tuple(Currency)
    ]


def _ladder_problems(facility: RepoFacility) -> list[Problem]:
    problems = []
    groups: dict[tuple[str, str | None], list[RepoHaircutRow]] = {}
    for row in facility.haircuts:
        groups.setdefault((row.asset_class, row.rating), []).append(row)
    for (asset_class, rating), rows in groups.items():
        found = [r.haircut_ratio for r in sorted(rows, key=lambda r: r.from_years) if r.haircut_ratio is not None]
        if found != sorted(found):
            place = f"{facility.code}.haircuts.{asset_class}.{rating or 'any'}"
            problems.append(Problem("ladder", place, f"{facility.name}: a longer bucket of {asset_class} has a smaller haircut."))  # fmt: skip
    return problems
