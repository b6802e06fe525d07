"""Rating criteria as data: per jurisdiction and rating, what a senior tranche must show.

Source: model book sections 8 and 10. Rule sets are immutable; the ratings app versions and stores them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.debt.kinds import AMORTISATIONS
from engine.errors import InputProblems, Problem
from engine.project.inputs import Country, Currency
from engine.ratings.agencies import DSCR_READINGS, AgencyBand
from engine.ratings.scale import LABELS, NOT_RATED, notch_of

# Codes used in result columns; 0 is "none".
CRITERIA: dict[int, str] = {
    1: "DSCR, minimum year",
    2: "DSCR, average",
    3: "Advance factor",
    4: "Tenor",
    5: "LLCR",
    6: "ICR",
    7: "Amortisation",
    8: "Insurance wrap",
    9: "Tenant rating cap",
    10: "Years to the ARD",
    11: "Balloon, share of the notes",
    12: "Least amortisation a year",
    13: "Project-life cover at the ARD",
    14: "Balloon to value at the ARD",
    15: "Repaid by legal final",
    16: "Refinancing cover",
    17: "Stress of the rating",
    18: "Total advance",
    19: "Total DSCR",
    20: "Senior coupon against the market",
    21: "Mezzanine coupon against the market",
}
LTV_BASES = ("agency_value", "market_cost")
GEARING_BASES = ("uses", "market_cost")
DATA_CENTRE_NOTES = "data_centre_abs"
_N, _I, _C, _F, _T = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.CHOICE, FieldKind.FLAG, FieldKind.TEXT

GENERAL_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("lease_tail_years", "Lease tail", _I, "years", 2, minimum=0, maximum=15),
    FieldSpec("capex_coverage_min_ratio", "Capex coverage", _N, "share", 0.85, minimum=0, maximum=2),
    FieldSpec("tenant_cap_notches", "Notches above the tenant", _I, "count", 3, minimum=0, maximum=21),
    FieldSpec("ltv_basis", "LTV basis", _C, default="agency_value", choices=LTV_BASES),
    FieldSpec(
        "max_gearing_ratio",
        "Highest gearing",
        _N,
        "share",
        1.0,
        minimum=0.05,
        maximum=1,
        help="All debt at close over the gearing basis; equity pays the rest.",
    ),
    FieldSpec("gearing_basis", "Gearing basis", _C, default="uses", choices=GEARING_BASES),
    FieldSpec(
        "max_mezz_share_of_gap",
        "Mezzanine, share of what senior leaves",
        _N,
        "share",
        1.0,
        minimum=0,
        maximum=1,
        help="Mezzanine at close over internal cost less senior; 100% is no limit.",
    ),
    FieldSpec(
        "max_total_advance_ratio",
        "Highest total advance",
        _N,
        "share",
        1.5,
        minimum=0.05,
        maximum=1.5,
        help="Senior and mezzanine over the haircut value, whatever the mezzanine's rating: all debt is sized to it.",
    ),
    FieldSpec(
        "min_total_dscr",
        "Total DSCR floor",
        _N,
        "times",
        0.0,
        minimum=0,
        maximum=10,
        help="Cover of all debt after swaps; 0 is no test.",
    ),
    FieldSpec(
        "underwritten_cash_ratio",
        "Underwritten cash",
        _N,
        "share",
        1.0,
        minimum=0.1,
        maximum=1,
        help="Share of CFADS that sizing, cover and rating read.",
    ),
    FieldSpec(
        "value_haircut_ratio",
        "Value haircut",
        _N,
        "share",
        minimum=0,
        maximum=0.9,
        help="In place of the terms' haircut; empty: the terms' own.",
    ),
    FieldSpec(
        "relet_allowed",
        "Re-letting after lease end counts",
        _F,
        default=False,
        help="The cash of a re-letting that the project expects counts for refinancing, cover to its end and equity.",
    ),
    FieldSpec(
        "max_relet_ratio",
        "Highest rent on re-letting",
        _N,
        "share",
        1.0,
        minimum=0.5,
        maximum=1.1,
        help="Of the rent that would be paid then; a project that expects more is read at this.",
    ),
    FieldSpec("notes_class", "Class of the notes for a central bank", _T, default=DATA_CENTRE_NOTES, maximum=60),
)
ROW_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("jurisdiction", "Jurisdiction", _C, required=True, choices=tuple(Country)),
    FieldSpec("rating", "Rating", _C, required=True, choices=LABELS),
    FieldSpec("dscr_minimum", "DSCR floor, minimum year", _N, "times", required=True, minimum=1, maximum=10),
    FieldSpec("dscr_average", "DSCR floor, average", _N, "times", required=True, minimum=1, maximum=10),
    FieldSpec("stressed_dscr", "DSCR floor, stressed", _N, "times", required=True, minimum=0.5, maximum=10),
    FieldSpec("max_advance_ratio", "Highest advance factor", _N, "share", required=True, minimum=0.05, maximum=1.5),
    FieldSpec(
        "max_total_advance_ratio",
        "Highest total advance behind such a mezzanine",
        _N,
        "share",
        1.5,
        minimum=0.05,
        maximum=1.5,
        help="Senior and a mezzanine of this rating over the haircut value.",
    ),
    FieldSpec("max_tenor_years", "Longest tenor", _N, "years", required=True, minimum=1, maximum=50),
    FieldSpec("llcr", "LLCR floor", _N, "times", required=True, minimum=1, maximum=10),
    FieldSpec("icr", "ICR floor", _N, "times", required=True, minimum=0.5, maximum=20),
    FieldSpec("max_ard_years", "Longest time to the ARD", _N, "years", 50.0, minimum=1, maximum=50),
    FieldSpec("max_balloon_ratio", "Largest balloon", _N, "share", 1.0, minimum=0, maximum=1),
    FieldSpec("min_annual_amortisation_ratio", "Least amortisation a year", _N, "share", 0.0, minimum=0, maximum=0.5),
    FieldSpec("ard_plcr", "Project-life cover floor at the ARD", _N, "times", 0.0, minimum=0, maximum=10),
    FieldSpec("wrap_required", "Wrap required", _F, default=False),
    FieldSpec("wrap_dscr_relief", "DSCR relief when wrapped", _N, "times", 0.0, minimum=0, maximum=1),
    FieldSpec("wrap_insurer_rating", "Insurer's rating", _C, default="A", choices=LABELS),
)
LABEL_OF = {spec.path: spec.label for spec in ROW_FIELDS}
BANK_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("jurisdiction", "Jurisdiction", _C, required=True, choices=tuple(Country)),
    FieldSpec("bank", "Central bank", _T, required=True, maximum=80),
    FieldSpec("minimum_rating", "Lowest rating", _C, required=True, choices=LABELS),
    FieldSpec("max_tenor_years", "Longest tenor", _N, "years", required=True, minimum=1, maximum=50),
    FieldSpec("max_advance_ratio", "Highest advance factor", _N, "share", required=True, minimum=0.05, maximum=1.5),
    FieldSpec("currency", "Currency", _C, required=True, choices=tuple(Currency)),
    FieldSpec("class_confirmed", "Asset class named by the bank", _F, default=False),
)
BAND_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("agency", "Agency", _T, required=True, maximum=40),
    FieldSpec("reading", "DSCR read", _C, required=True, choices=DSCR_READINGS),
    FieldSpec("row", "Row", _T, required=True, maximum=80),
    FieldSpec("category", "Category", _T, required=True, maximum=10),
    FieldSpec("low", "From", _N, "times", minimum=0, maximum=100),
    FieldSpec("high", "Below", _N, "times", minimum=0, maximum=100),
)
HAIRCUT_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("rating", "Rating", _C, required=True, choices=LABELS),
    FieldSpec("max_tenor_years", "Up to", _N, "years", required=True, minimum=0, maximum=100),
    FieldSpec("haircut_ratio", "Haircut", _N, "share", required=True, minimum=0, maximum=1),
)
RATING_STRESS_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("rating", "Rating", _C, required=True, choices=LABELS),
    FieldSpec("cpi_rate", "CPI", _N, "rate", minimum=-0.05, maximum=0.2),
    FieldSpec("rate_shift_bps", "Rate shift", _N, "bps", 0.0, minimum=-500, maximum=1000),
    FieldSpec("default_ratio", "Tenant default", _N, "share", 0.0, minimum=0, maximum=1),
    FieldSpec("relet_months", "Months to re-let", _I, "months", 12, minimum=0, maximum=60),
    FieldSpec("relet_ratio", "Rent on re-letting", _N, "share", 0.9, minimum=0, maximum=1.5),
)
# Kept beside the numbers and shown with them; the engine does not read it.
ANNOTATIONS = ("provenance", "source", "sources", "haircuts", "note")


@dataclass(frozen=True, slots=True)
class CriteriaRow:
    """What one rating asks in one jurisdiction."""

    jurisdiction: str
    rating: str
    dscr_minimum: float
    dscr_average: float
    stressed_dscr: float
    max_advance_ratio: float
    max_total_advance_ratio: float
    max_tenor_years: float
    llcr: float
    icr: float
    max_ard_years: float
    max_balloon_ratio: float
    min_annual_amortisation_ratio: float
    ard_plcr: float
    wrap_required: bool
    wrap_dscr_relief: float
    wrap_insurer_rating: str
    amortisations: tuple[str, ...]

    @property
    def notch(self) -> int:
        """The rating as a notch, 1 = AAA."""
        return notch_of(self.rating)


@dataclass(frozen=True, slots=True)
class RatingStress:
    """A scenario that this rating and every better one must survive; no CPI is the base path."""

    rating: str
    cpi_rate: float | None
    rate_shift_bps: float
    default_ratio: float
    relet_months: int
    relet_ratio: float


@dataclass(frozen=True, slots=True)
class CentralBankTerms:
    """A central bank's terms for taking the senior notes as collateral."""

    jurisdiction: str
    bank: str
    minimum_rating: str
    max_tenor_years: float
    max_advance_ratio: float
    currency: str
    class_confirmed: bool


@dataclass(frozen=True, slots=True)
class RepoHaircut:
    """Haircut on senior notes of a rating or better, up to a tenor."""

    rating: str
    max_tenor_years: float
    haircut_ratio: float


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules: general limits, criteria by jurisdiction and rating, central banks."""

    version: str
    lease_tail_years: int
    capex_coverage_min_ratio: float
    tenant_cap_notches: int
    ltv_basis: str
    max_gearing_ratio: float
    gearing_basis: str
    max_mezz_share_of_gap: float
    max_total_advance_ratio: float
    min_total_dscr: float
    underwritten_cash_ratio: float
    value_haircut_ratio: float | None
    criteria: tuple[CriteriaRow, ...]
    central_banks: tuple[CentralBankTerms, ...]
    agency_bands: tuple[AgencyBand, ...] = ()
    repo_haircuts: tuple[RepoHaircut, ...] = ()
    rating_stresses: tuple[RatingStress, ...] = ()
    notes_class: str = DATA_CENTRE_NOTES
    relet_allowed: bool = False
    max_relet_ratio: float = 1.0

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> RuleSet:
        """The rule set of {"version", "general", "criteria": [...], "central_banks": [...]}; raises InputProblems."""
        problems: list[Problem] = []
        general = _read("general", GENERAL_FIELDS, payload.get("general", {}), problems)
        rows = [_read_row(f"criteria.{n}", row, problems) for n, row in enumerate(payload.get("criteria", []))]
        banks = _read_all("central_banks", BANK_FIELDS, payload, problems)
        bands = _read_all("agency_bands", BAND_FIELDS, payload, problems)
        haircuts = _read_all("repo_haircuts", HAIRCUT_FIELDS, payload, problems)
        stresses = _read_all("rating_stresses", RATING_STRESS_FIELDS, payload, problems)
        if not problems:
            problems.extend(_ladder_problems(rows))
        if problems:
            raise InputProblems(problems)
        return cls(
            version=str(payload.get("version", "")),
            criteria=tuple(CriteriaRow(**row) for row in rows),
            central_banks=tuple(CentralBankTerms(**row) for row in banks),
            agency_bands=tuple(AgencyBand(**row) for row in bands),
            repo_haircuts=tuple(RepoHaircut(**row) for row in haircuts),
            rating_stresses=tuple(RatingStress(**row) for row in stresses),
            **general,
        )

    def rows_for(self, jurisdiction: str) -> tuple[CriteriaRow, ...]:
        """The jurisdiction's rows, best rating first; raises InputProblems if it has none."""
        rows = sorted((r for r in self.criteria if r.jurisdiction == jurisdiction), key=lambda r: r.notch)
        if not rows:
            message = f"Rule set {self.version} has no criteria for {jurisdiction}."
            raise InputProblems([Problem("no_criteria", "criteria", message)])
        return tuple(rows)

    def total_advance_limit(self, jurisdiction: str, mezz_notch: int) -> float:
        """What all debt may be over the haircut value behind a mezzanine of a notch: its row's or the next worse's."""
        own = [row.max_total_advance_ratio for row in self.rows_for(jurisdiction) if row.notch >= mezz_notch]
        return min([*own[:1], self.max_total_advance_ratio])

    def tenant_cap_notch(self, tenant_rating: str) -> int:
        """Best notch the senior may reach on the tenant's credit: tenant plus the allowed notches."""
        tenant = notch_of(tenant_rating)
        return NOT_RATED if tenant == NOT_RATED else max(1, tenant - self.tenant_cap_notches)

    def repo_haircut(self, notch: int, tenor_years: float) -> float | None:
        """Haircut on notes of this notch and tenor, None where the table has none."""
        fitting = [h for h in self.repo_haircuts if notch <= notch_of(h.rating) and tenor_years <= h.max_tenor_years]
        return min((h.haircut_ratio for h in fitting), default=None)

    def bank_for(self, jurisdiction: str) -> CentralBankTerms | None:
        """The jurisdiction's central-bank terms, if the rule set has any."""
        return next((b for b in self.central_banks if b.jurisdiction == jurisdiction), None)


def _read(place: str, specs: Sequence[FieldSpec], row: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        problems.append(Problem("not_a_row", place, f"{place}: expected named values."))
        return {}
    reader = Reader(specs, {k: v for k, v in row.items() if k not in ANNOTATIONS})
    values = reader.read()
    problems.extend(Problem(p.code, f"{place}.{p.place}", p.message) for p in reader.problems)
    return values


def _read_all(
    name: str, specs: Sequence[FieldSpec], payload: Mapping[str, Any], problems: list[Problem]
) -> list[dict[str, Any]]:
    return [_read(f"{name}.{n}", specs, row, problems) for n, row in enumerate(payload.get(name, []))]


def _read_row(place: str, row: Any, problems: list[Problem]) -> dict[str, Any]:
    allowed = row.get("amortisations") if isinstance(row, Mapping) else None
    rest = {k: v for k, v in row.items() if k != "amortisations"} if isinstance(row, Mapping) else row
    values = _read(place, ROW_FIELDS, rest, problems)
    if not isinstance(allowed, Sequence) or not allowed or any(a not in AMORTISATIONS for a in allowed):
        message = f"Amortisations: expected some of {', '.join(AMORTISATIONS)}, got {allowed!r}."
        problems.append(Problem("amortisations", f"{place}.amortisations", message))
        return values
    return {**values, "amortisations": tuple(allowed)}


def _ladder_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Faults of a ladder: a rating twice, or a better rating that asks for less."""
    problems = []
    for jurisdiction in sorted({row["jurisdiction"] for row in rows}):
        ladder = sorted((r for r in rows if r["jurisdiction"] == jurisdiction), key=lambda r: notch_of(r["rating"]))
        for better, worse in pairwise(ladder):
            problems.extend(_step_problems(jurisdiction, better, worse))
    return problems


def _step_problems(jurisdiction: str, better: Mapping[str, Any], worse: Mapping[str, Any]) -> list[Problem]:
    place = f"criteria.{jurisdiction}.{better['rating']}"
    if better["rating"] == worse["rating"]:
        return [Problem("repeated_rating", place, f"{jurisdiction} {better['rating']} stands twice.")]
    floors = ("dscr_minimum", "dscr_average", "stressed_dscr", "llcr", "icr")
    faults = [name for name in floors if better[name] < worse[name]]
    caps = ("max_advance_ratio", "max_total_advance_ratio")
    faults += [name for name in caps if better[name] > worse[name]]
    return [
        Problem(
            "ladder",
            f"{place}.{name}",
            f"{jurisdiction} {better['rating']} asks for less than {worse['rating']}: {LABEL_OF[name]}.",
        )
        for name in faults
    ]
