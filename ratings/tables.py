"""The tables of a rule set, each declared once: its columns, what names a row, and where it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec
from engine.debt.kinds import AMORTISATIONS
from engine.project.inputs import Country
from engine.ratings.criteria import (
    BAND_FIELDS,
    BANK_FIELDS,
    GENERAL_FIELDS,
    HAIRCUT_FIELDS,
    RATING_STRESS_FIELDS,
    ROW_FIELDS,
)
from engine.ratings.repo import CLASS_FIELDS, CRITERION_FIELDS, FACILITY_FIELDS
from engine.ratings.repo import HAIRCUT_FIELDS as COLLATERAL_HAIRCUT_FIELDS
from engine.ratings.scale import notch_of, rating_label
from records.kinds import Content, Path, Split, TableSpec, words_of_row

_N, _I, _F, _T = FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.FLAG, FieldKind.TEXT
AGENCIES = {"sp": "S&P", "moodys": "Moody's", "fitch": "Fitch"}
BANDS = {"moodys_rating_factor": "Moody's rating factor", "eurosystem_cqs": "Eurosystem CQS", "crr_cqs": "CRR CQS"}
SCALE_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("notch", "Notch", _I),
    *(FieldSpec(name, label, _T, maximum=12) for name, label in AGENCIES.items()),
    FieldSpec("investment_grade", "Investment grade", _F),
    FieldSpec("moodys_rating_factor", BANDS["moodys_rating_factor"], _N, minimum=0, maximum=10_000),
    FieldSpec("eurosystem_cqs", BANDS["eurosystem_cqs"], _I, minimum=1, maximum=6),
    FieldSpec("crr_cqs", BANDS["crr_cqs"], _I, minimum=1, maximum=6),
)
# The collateral of each bank has a part of its own: "eligibility-2" is the second bank's.
_BANK_PART = "eligibility-"


def _texts(**labels: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, label, _T) for name, label in labels.items())


def _facilities(content: Content) -> Mapping[str, Mapping[str, Any]]:
    return {str(row.get("code")): row for row in content.get("collateral_facilities", [])}


def _banks(content: Content) -> dict[str, str]:
    """The part of each bank of the eligibility rules, in order."""
    names = dict.fromkeys(str(row.get("bank")) for row in _facilities(content).values())
    return {name: f"{_BANK_PART}{number}" for number, name in enumerate(names, start=1)}


def _by_facility(title: str) -> Split:
    def titled(content: Content, code: str) -> str:
        row = _facilities(content)[code]
        return f"{title}, {row.get('bank')}, {row.get('name')}"

    def part(content: Content, code: str) -> str:
        return _banks(content).get(str(_facilities(content).get(code, {}).get("bank")), "")

    return Split(lambda content: list(_facilities(content)), titled, part)


def _best_first(name: Path) -> tuple[int, str]:
    return notch_of(name[-1]), name[-1]


def _haircut_words(name: Sequence[str]) -> str:
    return words_of_row((*name[:-1], f"from {name[-1]} years") if name[-1].isdigit() else name)


def _notch_words(name: Sequence[str]) -> str:
    return f"{name[0]} ({rating_label(int(name[0]))})" if len(name) == 1 and name[0].isdigit() else words_of_row(name)


GENERAL = TableSpec("general", "General limits", "general", GENERAL_FIELDS, by_cell=True, sheet="General")
CRITERIA = TableSpec(
    "criteria", "Criteria",
    fields=(*ROW_FIELDS, FieldSpec("amortisations", "Amortisation allowed", _T, choices=tuple(AMORTISATIONS), required=True)),
    keys=("jurisdiction", "rating"), by_cell=True, order=_best_first, is_required=True,
    split=Split(lambda content: [str(c) for c in Country], lambda _, place: f"Criteria, {place}", lambda _, place: place),
)  # fmt: skip
STRESSES = TableSpec(
    "rating_stresses", "Stress of a rating", "stress", RATING_STRESS_FIELDS,
    ("rating", "cpi_rate", "rate_shift_bps", "default_ratio"), order=lambda name: notch_of(name[0]),
    sheet="Rating stresses", is_later=True,
)  # fmt: skip
CENTRAL_BANKS = TableSpec(
    "central_banks", "Central banks", "banks", (*BANK_FIELDS, FieldSpec("note", "Note", _T)), ("jurisdiction",),
    by_cell=True, words=("bank", "note"), head=lambda row: f"{row.get('bank')} ({row.get('jurisdiction')})",
)  # fmt: skip
HAIRCUTS = TableSpec(
    "haircuts", "Published haircuts", "published",
    _texts(
        central_bank="Central bank", asset="Asset", category="Category", credit_quality="Credit quality", coupon="Coupon",
        bucket="Bucket", haircut_pct="Haircut, %",
    ),
    ("asset", "category", "credit_quality", "bucket", "coupon"), words=("central_bank",), within="central_banks",
)  # fmt: skip
REPO_HAIRCUTS = TableSpec(
    "repo_haircuts", "Repo haircuts", "banks", HAIRCUT_FIELDS, ("rating", "max_tenor_years"), across="max_tenor_years",
    order=lambda name: notch_of(name[0]),
)  # fmt: skip
WRAP_PREMIUMS = TableSpec(
    "wrap_premium_bps", "Wrap premiums", "agencies",
    (*_texts(rating="Rating"), FieldSpec("minimum_bps", "From", _N, "bps"), FieldSpec("maximum_bps", "To", _N, "bps")),
    ("rating",),
)  # fmt: skip
AGENCY_BANDS = TableSpec(
    "agency_bands", "Agencies' published DSCR tables", "agencies", BAND_FIELDS, ("agency", "reading", "row", "category"),
    sheet="Agency bands",
)  # fmt: skip
BANK_RULES = TableSpec(
    "central_bank_rules", "Central banks' published rules", "published",
    _texts(central_bank="Central bank", rule="Rule", value="Value", unit="Unit"), ("central_bank", "rule"),
    sheet="Central bank rules",
)  # fmt: skip
SCALE = TableSpec(
    "rating_scale", "Rating scale", "scale", SCALE_FIELDS, ("notch",), label=_notch_words, is_later=True,
)  # fmt: skip
CLASSES = TableSpec(
    "collateral_classes", "Eligibility: classes of notes", "eligibility", CLASS_FIELDS, ("code",),
    sheet="Collateral classes", is_later=True,
)  # fmt: skip
FACILITIES = TableSpec(
    "collateral_facilities", "Eligibility: facilities", "eligibility", FACILITY_FIELDS, ("code",),
    sheet="Collateral facilities", is_later=True,
)  # fmt: skip
COLLATERAL_CRITERIA = TableSpec(
    "collateral_criteria", "Eligibility: criteria", "eligibility",
    (*_texts(facility="Facility"), *CRITERION_FIELDS, *_texts(accepted="Accepted", open_to="May confirm")),
    ("facility", "code"), split=_by_facility("Eligibility: criteria"), sheet="Collateral criteria", is_later=True,
)  # fmt: skip
COLLATERAL_HAIRCUTS = TableSpec(
    "collateral_haircuts", "Eligibility: haircuts", "eligibility",
    (*_texts(facility="Facility"), *COLLATERAL_HAIRCUT_FIELDS), ("facility", "asset_class", "rating", "from_years"),
    split=_by_facility("Eligibility: haircuts"), label=_haircut_words, sheet="Collateral haircuts", is_later=True,
)  # fmt: skip
TABLES = (
    GENERAL, CRITERIA, STRESSES, CENTRAL_BANKS, REPO_HAIRCUTS, WRAP_PREMIUMS, AGENCY_BANDS, BANK_RULES, SCALE, CLASSES, FACILITIES,
    COLLATERAL_CRITERIA, COLLATERAL_HAIRCUTS, HAIRCUTS,
    TableSpec("other_limits", "Other limits of the source platform"),
    TableSpec("tables", "Other tables of the source platform"),
)  # fmt: skip
# Tables that rule sets made before them do not have.
LATER_TABLES = tuple(table.name for table in TABLES if table.is_later)


def parts(content: Content) -> dict[str, str]:
    """The parts of the editing page with their labels."""
    return {
        "general": "General",
        "stress": "Stress",
        "banks": "Central banks and repo",
        **{str(c): str(c) for c in Country},
        "scale": "Rating scale",
        "agencies": "Agencies",
        "published": "Published haircuts",
        "eligibility": "Eligibility",
        **{part: bank for bank, part in _banks(content).items()},
    }
