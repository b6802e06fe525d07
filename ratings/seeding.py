"""Rule sets built from the reference rows, each limit with the row it comes from.

The reference stands in ratings/reference; the result is kept in ratings/data, so that a change of either shows.
"""

import csv
import json
from dataclasses import dataclass
from typing import Any

from engine.debt.kinds import AMORTISATIONS
from engine.ratings.scale import notch_of
from ratings.collateral import collateral_tables
from ratings.paths import DATA, REFERENCE
from ratings.repo_seeding import repo_document
from ratings.tables import LATER_TABLES

JURISDICTIONS = ("UK", "EU", "US")
RATINGS = ("AAA", "AA", "A", "A-", "BBB", "BBB-", "BB")
AGENCY_VALUE, MARKET_COST, CONSERVATIVE = "agency-value", "market-cost", "conservative"
SEED = "uk_eu_us_v2.json"
VERSIONS = {"agency-value": 2, "market-cost": 3, "conservative": 1}
# Each a day after that of the version before, which an older installation holds.
EFFECTIVE_FROM = {"agency-value": "2026-01-01", "market-cost": "2026-01-02", "conservative": "2026-01-01"}
AVERAGE_ABOVE_MINIMUM = 0.05
# Notches that only the advance table holds, between two that the platform's tables hold.
BETWEEN = {"A-": ("A", "BBB"), "BBB-": ("BBB", "BB")}
# What KBRA cut on DATA 2023-CNTR and BX 2024-VLT4: about 18% of cash, about 36% of value.
UNDERWRITTEN_RATIO, CONSERVATIVE_HAIRCUT = 0.82, 0.36
PAYING_DOWN = ("annuity", "straight_line", "sculpted", "cash_sweep")
PLATFORM = "platform_rules.json"
ADVANCE = "advance_rate_assumptions.csv"
RATING_TABLES = "platform_rating_tables.json"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One limit with where it comes from."""

    value: Any
    provenance: str
    source: str


def seed_documents() -> dict[str, Row]:
    """The seed files by name, as they should stand in ratings/data."""
    return {
        SEED: _document(
            AGENCY_VALUE,
            "UK, EU and US, advance factor on agency value",
            "The source platform's floors; advance factors test debt against the haircut value.",
        ),
        "uk_eu_us_market_cost_v3.json": _document(
            MARKET_COST,
            "UK, EU and US, advance factor on market cost",
            "As the agency-value rules, but advance factors are the source platform's bands on market cost, and its "
            "largest balloon, least amortisation, share of the gap and cap of a low senior DSCR apply.",
        ),
        "uk_eu_us_conservative_v1.json": _document(
            CONSERVATIVE,
            "UK, EU and US, conservative underwriting",
            "As the agency-value rules on 82% of the cash and 64% of the value, the cuts of KBRA's published deals.",
        ),
    }


def load_document(name: str) -> Row:
    """One seed file of ratings/data."""
    document: Row = json.loads((DATA / name).read_text())
    return document


def completed(content: Row) -> Row:
    """The content with the installation's tables where it was made before rule sets had them."""
    seed = load_document(SEED)["content"]
    tables = {name: seed[name] for name in LATER_TABLES if name not in content}
    general = content.get("general", {})
    if "notes_class" in general:
        return {**content, **tables}
    sources = {**general.get("sources", {}), "notes_class": seed["general"]["sources"]["notes_class"]}
    general = {**general, "notes_class": seed["general"]["notes_class"], "sources": sources}
    return {**content, "general": general, **tables}


def _document(family: str, name: str, notes: str) -> Row:
    return {
        "family": family,
        "version": VERSIONS[family],
        "name": name,
        "effective_from": EFFECTIVE_FROM[family],
        "notes": notes,
        "content": _content(family),
    }


def _content(family: str) -> Row:
    rules = _rules()
    return {
        "version": f"{family}/{VERSIONS[family]}",
        "general": _general(family),
        "criteria": [_criteria_row(family, rules, place, rating) for place in JURISDICTIONS for rating in RATINGS],
        "rating_stresses": _rating_stresses(),
        "central_banks": [_bank(rules, *bank) for bank in _BANKS],
        "wrap_premium_bps": _wrap_premiums(rules),
        "repo_haircuts": _repo_haircuts(rules),
        "agency_bands": _agency_bands(),
        "central_bank_rules": _csv("central_bank_eligibility.csv"),
        "rating_scale": _rating_scale(),
        **collateral_tables(repo_document()),
        "other_limits": _other_limits(rules),
        "tables": _tables(),
    }


def _general(family: str) -> Row:
    on_market, careful = family == MARKET_COST, family == CONSERVATIVE
    gearing = f'{PLATFORM}: gate_b "debt/equity <= 80/20"'
    leaves = {
        "lease_tail_years": Leaf(2, "sourced", f'{PLATFORM}: max_tenor_years.also "<= lease term - 2"'),
        "capex_coverage_min_ratio": Leaf(0.85, "sourced", f"{PLATFORM}: gate_a, senior + mezzanine + equity >= 85%"),
        "tenant_cap_notches": Leaf(3, "assumption", "a senior tranche rises at most three notches above its tenant"),
        "ltv_basis": Leaf(
            "market_cost" if on_market else "agency_value",
            "sourced" if on_market else "assumption",
            f"{PLATFORM}: model_v2.advance_factor_band" if on_market else f"{ADVANCE}: max_ltv_pct_agency_value",
        ),
        "max_gearing_ratio": Leaf(0.8, "sourced", gearing),
        "gearing_basis": Leaf("uses", "assumption", f"{gearing}, read on all uses with their financing costs"),
        "max_mezz_share_of_gap": Leaf(
            0.5 if on_market else 1.0,
            "sourced" if on_market else "assumption",
            f"{PLATFORM}: gate_a, mezzanine <= 50% of cost less senior"
            if on_market
            else "mezzanine is held by gearing and total advance instead",
        ),
        "max_total_advance_ratio": Leaf(0.85, "assumption", f"{ADVANCE}: BB max_ltv_pct_agency_value, for all debt"),
        "min_total_dscr": Leaf(1.05, "assumption", "all debt is covered with something to spare"),
        "underwritten_cash_ratio": Leaf(
            UNDERWRITTEN_RATIO if careful else 1.0,
            "derived" if careful else "assumption",
            "KBRA cut net cash flow 17.6% (BX 2024-VLT4) and 19.9% (DATA 2023-CNTR)" if careful else "cash as modelled",
        ),
        "value_haircut_ratio": Leaf(
            CONSERVATIVE_HAIRCUT if careful else None,
            "derived" if careful else "assumption",
            "KBRA cut value 35.7% (BX 2024-VLT4) and 38.7% (DATA 2023-CNTR)" if careful else "the terms' own haircut",
        ),
    }
    leaves["relet_allowed"] = Leaf(
        on_market,
        "assumption",
        "a buyer pays for the building after its lease; the cap keeps it at the passing rent"
        if on_market
        else "cash ends with the lease that was signed: what agencies read of a single tenant's lease",
    )
    leaves["max_relet_ratio"] = Leaf(1.0, "assumption", "no growth beyond the rent that would be paid then")
    leaves["notes_class"] = Leaf("data_centre_abs", "assumption", "the class of the notes in collateral_classes")
    return _leaves(leaves)


def _criteria_row(family: str, rules: Row, jurisdiction: str, rating: str) -> Row:
    floor = _by_notch(rules["dscr_min_by_rating"][jurisdiction], rating, f"dscr_min_by_rating.{jurisdiction}")
    minimum = _above_cap(floor, rating) if family == MARKET_COST else floor
    leaves = {
        "dscr_minimum": minimum,
        "dscr_average": Leaf(
            round(minimum.value + AVERAGE_ABOVE_MINIMUM, 4),
            "assumption",
            f"minimum floor plus {AVERAGE_ABOVE_MINIMUM} ({minimum.source})",
        ),
        "stressed_dscr": _stressed(rules, rating),
        "max_advance_ratio": _advance(family, rules, rating),
        "max_total_advance_ratio": _total_advance(rating),
        "max_tenor_years": _tenor(rules, rating),
        "llcr": Leaf(floor.value, "assumption", f"as the minimum DSCR floor ({floor.source})"),
        "icr": _interest_cover(rating),
        "max_ard_years": _ard(rating),
        "max_balloon_ratio": _platform_limit(family, rules, rating, "max_bullet", 1.0),
        "min_annual_amortisation_ratio": _platform_limit(family, rules, rating, "min_annual_amortisation", 0.0),
        "ard_plcr": _life_cover(rating),
        "wrap_dscr_relief": _wrap(rules, rating, "dscr_relief", 0.0),
        "wrap_insurer_rating": _wrap(rules, rating, "insurer", "A"),
        "wrap_required": Leaf(False, "assumption", "no published criterion asks for a wrap"),
        "amortisations": _amortisations(rating),
    }
    return {"jurisdiction": jurisdiction, "rating": rating, **_leaves(leaves)}


def _by_notch(values: Row, rating: str, place: str) -> Leaf:
    """The platform's value of a rating; on a straight line in notches where it has none for it."""
    if rating in values:
        return Leaf(values[rating], "sourced", f"{PLATFORM}: {place}.{rating}")
    better, worse = BETWEEN[rating]
    part = (notch_of(rating) - notch_of(better)) / (notch_of(worse) - notch_of(better))
    value = round(values[better] + (values[worse] - values[better]) * part, 4)
    return Leaf(value, "derived", f"{PLATFORM}: {place}, between {better} and {worse} by notches")


def _above_cap(floor: Leaf, rating: str) -> Leaf:
    """The floor where the platform caps a senior tranche of low DSCR: better ratings than the cap ask for its limit at least."""
    cap = next(row for row in _caps() if (row["Tranche"], row["Field"]) == ("Senior", "DSCR"))
    limit = cap["TestValue"]
    if notch_of(rating) >= notch_of(cap["CapRating"]) or floor.value >= limit:
        return floor
    source = f"{RATING_TABLES}: rating_cap_overrides, senior DSCR below {limit:g} caps at {cap['CapRating']}"
    return Leaf(limit, "sourced", f"{source}; above {floor.value:g} of {floor.source}")


def _stressed(rules: Row, rating: str) -> Leaf:
    floors = rules["stress_dscr_min"]
    if rating in floors:
        return Leaf(floors[rating], "sourced", f"{PLATFORM}: stress_dscr_min.{rating}")
    if rating == "BB":
        return Leaf(1.0, "assumption", f"{PLATFORM} has no stressed floor for {rating}; debt service just covered")
    return _by_notch({**floors, "BB": 1.0}, rating, "stress_dscr_min")


def _tenor(rules: Row, rating: str) -> Leaf:
    caps = rules["max_tenor_years"]["data_centre"]
    if rating in caps:
        return Leaf(caps[rating], "sourced", f"{PLATFORM}: max_tenor_years.data_centre.{rating}")
    nearest = _nearest(rating)
    return Leaf(caps[nearest], "assumption", f"{PLATFORM} has no tenor cap for {rating}; as {nearest}")


def _nearest(rating: str) -> str:
    """The rating whose row of the platform stands in for one it does not hold."""
    return BETWEEN[rating][0] if rating in BETWEEN else "BBB"


def _advance(family: str, rules: Row, rating: str) -> Leaf:
    if family != MARKET_COST:
        return _total_advance(rating)
    bands = {"BB": "NR", "A-": "A", "BBB-": "BBB"}
    band = rules["model_v2"]["advance_factor_band"]
    upper = {each: band[bands.get(each, each)][1] for each in RATINGS}
    better = RATINGS[: RATINGS.index(rating) + 1]
    highest = max(upper[each] for each in better)
    source = f"{PLATFORM}: model_v2.advance_factor_band.{bands.get(rating, rating)}, upper end {upper[rating]:g}"
    if highest == upper[rating] and rating not in BETWEEN:
        return Leaf(highest, "sourced", source)
    # The platform lets better ratings borrow more. What a better rating accepts, a worse one accepts too.
    return Leaf(highest, "derived", f"{source}; raised to {highest:g}, which a better rating already accepts")


def _total_advance(rating: str) -> Leaf:
    """All debt down to a tranche of the rating, over the haircut value."""
    row = _advance_row(rating)
    return Leaf(int(row["max_ltv_pct_agency_value"]) / 100, row["provenance"], _advance_source(row, "max_ltv_pct"))


def _ard(rating: str) -> Leaf:
    row = _advance_row(rating)
    return Leaf(int(row["max_ard_years"]), row["provenance"], _advance_source(row, "max_ard_years"))


def _platform_limit(family: str, rules: Row, rating: str, name: str, absent: float) -> Leaf:
    """A limit of the source platform, which applies in its own rule set only."""
    if family != MARKET_COST:
        return Leaf(absent, "assumption", f"{PLATFORM}: {name} is left to the market-cost rules")
    if rating in rules[name]:
        return Leaf(rules[name][rating], "sourced", f"{PLATFORM}: {name}.{rating}")
    nearest = _nearest(rating)
    return Leaf(rules[name][nearest], "derived", f"{PLATFORM}: {name}.{nearest}; none for {rating}")


def _life_cover(rating: str) -> Leaf:
    """S&P: project-life cover below 1.1 at a refinancing caps at bb+."""
    source = "pf_rating_criteria.csv: S&P, project life coverage ratio below 1.1 caps the rating at bb+"
    return Leaf(0.0 if rating == "BB" else 1.1, "sourced", source)


_STRESSES: tuple[Row, ...] = (
    {"rating": "BBB", "cpi_rate": 0.018},
    {"rating": "BBB", "rate_shift_bps": 100},
    {"rating": "BBB", "default_ratio": 0.05},
    {"rating": "A", "cpi_rate": 0.01},
    {"rating": "A", "rate_shift_bps": 150},
    {"rating": "AA", "cpi_rate": 0.0},
    {"rating": "AA", "rate_shift_bps": 200},
    {"rating": "AA", "default_ratio": 0.1},
    {"rating": "AAA", "cpi_rate": 0.0, "rate_shift_bps": 200, "default_ratio": 0.1, "relet_months": 24,
     "relet_ratio": 0.75},
)  # fmt: skip


def _rating_stresses() -> list[Row]:
    """What each rating must survive, beside all that worse ratings must: harsher upwards."""
    empty: Row = {"cpi_rate": None, "rate_shift_bps": 0, "default_ratio": 0.0, "relet_months": 12, "relet_ratio": 0.9}
    source = "scenarios of the source platform's grid, set to a rating"
    return [{**empty, **row, "provenance": "assumption", "source": source} for row in _STRESSES]


def _interest_cover(rating: str) -> Leaf:
    row = _advance_row(rating)
    return Leaf(float(row["min_io_dscr"]), row["provenance"], _advance_source(row, "min_io_dscr"))


def _amortisations(rating: str) -> Leaf:
    row = _advance_row(rating)
    allowed = PAYING_DOWN if rating in {"AAA", "AA"} else AMORTISATIONS
    return Leaf(list(allowed), row["provenance"], f'{ADVANCE}: {rating} amortisation "{row["amortisation"]}"')


def _wrap(rules: Row, rating: str, key: str, absent: Any) -> Leaf:
    if rating in rules["wrap"]:
        return Leaf(rules["wrap"][rating][key], "sourced", f"{PLATFORM}: wrap.{rating}.{key}")
    return Leaf(absent, "assumption", f"{PLATFORM} has no wrap terms for {rating}")


def _wrap_premiums(rules: Row) -> list[Row]:
    return [
        {
            "rating": rating,
            "minimum_bps": (terms["bps"] or [None, None])[0],
            "maximum_bps": (terms["bps"] or [None, None])[1],
            "provenance": "sourced" if terms["bps"] else "not found",
            "source": f"{PLATFORM}: wrap.{rating}.bps",
        }
        for rating, terms in rules["wrap"].items()
    ]


_BANKS = (
    ("UK", "Bank of England", "BoE", ("base 25 family",)),
    ("EU", "Eurosystem", "ECB", ("asset-backed securities",)),
    ("US", "Federal Reserve", "Fed", ("asset-backed securities",)),
)


def _bank(rules: Row, jurisdiction: str, name: str, key: str, assets: tuple[str, ...]) -> Row:
    terms = rules["central_bank"][key]
    place = f"{PLATFORM}: central_bank.{key}"
    leaves = {
        "minimum_rating": Leaf(terms["rating"], "sourced", f"{place}.rating"),
        "max_tenor_years": Leaf(terms["tenor"], "sourced", f"{place}.tenor"),
        "max_advance_ratio": Leaf(terms["af"], "sourced", f"{place}.af"),
        "currency": Leaf(terms["ccy"], "sourced", f"{place}.ccy"),
        "class_confirmed": Leaf(
            False, "derived", "central_bank_eligibility.csv: no published class names data-centre securitisations"
        ),
    }
    haircuts = [
        row
        for row in _csv("central_bank_haircuts.csv")
        if row["central_bank"] == name and row["asset"].startswith(assets)
    ]
    return {"jurisdiction": jurisdiction, "bank": name, **_leaves(leaves), "note": terms["other"], "haircuts": haircuts}


def _repo_haircuts(rules: Row) -> list[Row]:
    bands = rules["repo_haircut"]["tenor_bands"]
    return [
        {
            "rating": rating,
            "max_tenor_years": int(band.split("-")[1]),
            "haircut_ratio": haircut,
            "provenance": "sourced",
            "source": f"{PLATFORM}: repo_haircut.{rating}",
        }
        for rating in RATINGS
        if rating in rules["repo_haircut"]
        for band, haircut in zip(bands, rules["repo_haircut"][rating], strict=True)
        if haircut is not None
    ]


_READINGS = {"minimum DSCR": "minimum", "average DSCR, amortising debt": "average"}


def _agency_bands() -> list[Row]:
    """The published DSCR tables: S&P on the lowest year, Moody's on the average of amortising debt."""
    return [
        {
            "agency": row["agency"],
            "reading": _READINGS[row["metric"]],
            "row": row["row"],
            "category": row["category"],
            "low": float(row["low"]) if row["low"] else None,
            "high": float(row["high"]) if row["high"] else None,
            "provenance": row["provenance"],
            "source": row["source"],
        }
        for row in _csv("pf_rating_criteria.csv")
        if row["metric"] in _READINGS
    ]


_NO_SYMBOL = "(no symbol)"


def _rating_scale() -> list[Row]:
    """The agencies' symbols and the bands of regulators, notch by notch."""
    return [
        {
            "notch": int(row["notch"]),
            **{agency: "" if row[agency] == _NO_SYMBOL else row[agency] for agency in ("sp", "moodys", "fitch")},
            "investment_grade": row["investment_grade"] == "1",
            **{name: int(row[name]) if row[name] else None for name in _BANDS},
            "provenance": row["provenance"],
            "source": row["source"],
        }
        for row in _csv("rating_scale.csv")
    ]


_BANDS = ("moodys_rating_factor", "eurosystem_cqs", "crr_cqs")


def _other_limits(rules: Row) -> Row:
    limits = {
        "min_annual_amortisation_ratio": rules["min_annual_amortisation"],
        "max_balloon_ratio": rules["max_bullet"],
        "tenant_concentration": rules["concentration"]["tenant"],
    }
    source = f"{PLATFORM}: min_annual_amortisation, max_bullet, concentration.tenant"
    return {**limits, "provenance": "sourced", "source": source}


def _tables() -> Row:
    tables = _rating_tables()
    kept = ("repo_rules", "agency_notch_adjustments", "rating_cap_overrides")
    return {**{name: tables[name] for name in kept}, "provenance": "sourced", "source": RATING_TABLES}


def _caps() -> list[Row]:
    caps: list[Row] = _rating_tables()["rating_cap_overrides"]
    return caps


def _rating_tables() -> Row:
    tables: Row = json.loads((REFERENCE / RATING_TABLES).read_text())
    return tables


def _leaves(leaves: dict[str, Leaf]) -> Row:
    sources = {name: {"provenance": leaf.provenance, "source": leaf.source} for name, leaf in leaves.items()}
    return {**{name: leaf.value for name, leaf in leaves.items()}, "sources": sources}


def _advance_row(rating: str) -> Row:
    return next(row for row in _csv(ADVANCE) if row["rating"] == rating)


def _advance_source(row: Row, column: str) -> str:
    return f"{ADVANCE}: {row['rating']} {column}; {row['source']}"


def _rules() -> Row:
    rules: Row = json.loads((REFERENCE / PLATFORM).read_text())
    return rules


def _csv(name: str) -> list[Row]:
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))
