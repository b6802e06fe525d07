"""The central banks' eligibility rules as one document, built from the reference rows.

A data set of its own, with its own version: rule sets keep their hash when a bank changes its collateral list.
"""

import csv
import json
from typing import Any

from ratings.paths import DATA, REFERENCE

Row = dict[str, Any]
FILE = "repo/eligibility_v1.json"
VERSION = "repo-eligibility/1"
ELIGIBILITY, HAIRCUTS = "central_bank_eligibility.csv", "central_bank_haircuts.csv"
PLATFORM, TABLES = "platform_rules.json", "platform_rating_tables.json"
BOE, EURO, FED = "Bank of England", "Eurosystem", "Federal Reserve"
DATA_CENTRE = "data_centre_abs"
SECURITISATION = "securitisation"
AGENCIES = ["S&P", "Moody's", "Fitch"]
# The haircut families of the Bank of England's summary, by the words its rows begin with.
BOE_FAMILIES = {
    "base 3 family": "supranational",
    "base 12 family": "covered_bond_or_prime_rmbs",
    "base 15 family": "consumer_abs",
    "base 20 family": "corporate_bond",
    "base 25 family": "cmbs",
    "base 30 family": "abcp",
}
BOE_SOVEREIGNS = {"A": "sovereign", "B": "other_sovereign"}
BOE_BUCKETS = {"<1y": (0, 1), "1-3y": (1, 3), "3-5y": (3, 5), "5-10y": (5, 10), "10-20y": (10, 20), "20-30y": (20, 30),
               ">30y": (30, None)}  # fmt: skip
FED_BUCKETS = {"duration 0-1": (0, 1), "duration >1-3": (1, 3), "duration >3-5": (3, 5), "duration >5-10": (5, 10),
               "duration >10": (10, None)}  # fmt: skip
STRUCTURES = {
    "Fully amortising": "fully_amortising",
    "Partially amortising": "partially_amortising",
    "Bullet": "bullet",
}


def repo_document() -> Row:
    """The document as it should stand in ratings/data."""
    return {
        "version": VERSION,
        "name": "Central-bank collateral, published criteria and haircuts",
        "classes": _classes(),
        "facilities": [*_bank_of_england(), *_eurosystem(), _federal_reserve(), *_platform_grid()],
    }


def load_repo_document() -> Row:
    """The document of ratings/data."""
    document: Row = json.loads((DATA / FILE).read_text())
    return document


def _csv(name: str) -> list[Row]:
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _json(name: str) -> Row:
    document: Row = json.loads((REFERENCE / name).read_text())
    return document


def _said(bank: str, rule: str) -> Row:
    """Provenance and source of one row of the eligibility table."""
    rows = _csv(ELIGIBILITY)
    at = next(n for n, row in enumerate(rows) if row["central_bank"] == bank and row["rule"] == rule)
    back = at
    while rows[back]["source"] == "same":
        back -= 1
    source = rows[back]["source"]
    return {"provenance": rows[at]["provenance"], "source": f"{ELIGIBILITY}: {rule}; {source}"}


def _value(bank: str, rule: str) -> str:
    return str(next(r["value"] for r in _csv(ELIGIBILITY) if r["central_bank"] == bank and r["rule"] == rule))


def _classes() -> list[Row]:
    said = _said(BOE, "data-centre ABS")
    return [
        {"code": DATA_CENTRE, "label": "Data-centre ABS", "family": SECURITISATION, "nearest": "cmbs",
         "nearest_label": "CMBS and securitised corporate loans", **said},
        {"code": "cmbs", "label": "CMBS", "family": SECURITISATION, **said},
    ]  # fmt: skip


def _class_criterion(accepted: list[str], said: Row, *, confirmed: str = "") -> Row:
    """The criterion; `confirmed` is the evidence that the bank takes an unnamed class of its family."""
    found = {
        "code": "asset_class", "label": "Asset class named by the bank", "kind": "asset_class", "accepted": accepted,
        "open_to": [SECURITISATION] if confirmed else [], **said,
    }  # fmt: skip
    return {**found, "evidence": confirmed} if confirmed else found


def _senior(said: Row) -> Row:
    return {"code": "seniority", "label": "Senior notes", "kind": "seniority", "accepted": ["senior"], **said}


def _desk_terms(key: str) -> list[Row]:
    """What the source platform's desk asks of notes for each bank: rating, tenor, advance, currency, form."""
    terms = _json(PLATFORM)["central_bank"][key]
    said = {"provenance": "sourced", "source": f"{PLATFORM}: central_bank.{key}"}
    form = {"true sale": "true_sale", "UK law": "uk_law", "144A": "rule_144a"}[terms["other"]]
    return [
        {"code": "desk_rating", "label": "Rating, platform's terms", "kind": "rating", "rating": terms["rating"], **said},
        {"code": "desk_tenor", "label": "Tenor", "kind": "max_tenor", "limit": terms["tenor"], **said},
        {"code": "desk_advance", "label": "Advance factor", "kind": "max_ltv", "limit": terms["af"], **said},
        {"code": "currency", "label": "Currency", "kind": "currency", "accepted": [terms["ccy"]], **said},
        {"code": "form", "label": terms["other"][0].upper() + terms["other"][1:], "kind": "evidence", "evidence": form, **said},
    ]  # fmt: skip


def _bank_of_england() -> list[Row]:
    level_c = ["rmbs", "consumer_abs", "cmbs", "abcp", "corporate_and_sme_loans"]
    # The 2008 rule is sourced; that it still holds is not, so failing it leaves the verdict open.
    floor = {
        "code": "agency_ratings", "label": "Public ratings", "kind": "agency_ratings", "rating": "AAA", "count": 2,
        "accepted": AGENCIES, "binding": False, **_said(BOE, "private ABS rating floor"),
    }  # fmt: skip
    levels = (
        ("A", _class_criterion(["sovereign"], _said(BOE, "Level A"))),
        ("B", _class_criterion(["other_sovereign", "supranational", "covered_bond_or_prime_rmbs", "consumer_abs"],
                               _said(BOE, "Level B"), confirmed="class_confirmed_boe")),
        ("C", _class_criterion(level_c, _said(BOE, "data-centre ABS"), confirmed="class_confirmed_boe")),
    )  # fmt: skip
    return [
        {
            "code": f"boe_level_{level.lower()}", "bank": BOE, "name": f"Level {level}",
            "gives": _value(BOE, f"Level {level}"), "haircut_basis": "maturity_years",
            "criteria": [asset_class, *([] if level == "A" else [floor]), _senior(_said(BOE, f"Level {level}")), *_desk_terms("BoE")],
            "haircuts": _boe_haircuts(level),
        }
        for level, asset_class in levels
    ]  # fmt: skip


def _boe_haircuts(level: str) -> list[Row]:
    """Haircuts of coupon-bearing paper in the level's families."""
    found = []
    for row in _csv(HAIRCUTS):
        bucket = BOE_BUCKETS.get(row["bucket"])
        if (
            row["central_bank"] != BOE
            or level not in row["category"].split("/")
            or bucket is None
            or row["coupon"] == "zero"
        ):
            continue
        code = BOE_FAMILIES.get(row["asset"].split(":")[0]) or BOE_SOVEREIGNS[level]
        found.append(_haircut(code, bucket, row))
    # Two sovereign groups share a level: the larger haircut stands for both.
    largest: dict[tuple[str, float], Row] = {}
    for each in found:
        key = each["asset_class"], each["from_years"]
        if key not in largest or each["haircut_ratio"] > largest[key]["haircut_ratio"]:
            largest[key] = each
    return list(largest.values())


def _haircut(asset_class: str, bucket: tuple[float, float | None], row: Row, rating: str | None = None) -> Row:
    ratio = None if row["haircut_pct"] == "" else round(float(row["haircut_pct"]) / 100.0, 6)
    return {
        "asset_class": asset_class, "rating": rating, "from_years": bucket[0], "below_years": bucket[1],
        "haircut_ratio": ratio, "provenance": row["provenance"], "source": f"{HAIRCUTS}: {row['source']}"[:400],
    }  # fmt: skip


def _eurosystem() -> list[Row]:
    classes = ["rmbs", "sme_loans", "cmbs", "consumer_abs", "leasing", "auto", "credit_card"]
    ours = _said(EURO, "data-centre ABS")
    region = {
        "code": "region",
        "label": "Issuer and originator in the EEA",
        "kind": "region",
        "accepted": ["EU"],
        **ours,
    }
    loans = {"code": "loan_level_data", "label": "Loan-level data", "kind": "evidence", "evidence": "loan_level_data",
             **_said(EURO, "ABS asset classes with loan-level data")}  # fmt: skip
    own_use = {"code": "not_own_used", "label": "Not retained by the counterparty or its group", "kind": "evidence",
               "evidence": "not_own_used", **_said(EURO, "own-used or retained ABS")}  # fmt: skip
    doors = (
        ("eurosystem_general", "General framework", "A-", "CQS 1-2", "ABS ratings"),
        ("eurosystem_temporary", "Temporary framework", "BBB-", "CQS 3", "ABS ratings, temporary framework"),
    )
    return [
        {
            "code": code, "bank": EURO, "name": name, "gives": _value(EURO, rule), "haircut_basis": "wal_years",
            "criteria": [
                _class_criterion(classes, _said(EURO, "ABS asset classes with loan-level data"),
                                 confirmed="class_confirmed_eurosystem"),
                {"code": "agency_ratings", "label": "Public ratings", "kind": "agency_ratings", "rating": rating,
                 "count": 2, "accepted": AGENCIES, **_said(EURO, rule)},
                _senior(ours), region, loans, own_use,
                *(c for c in _desk_terms("ECB") if c["code"] != "desk_rating" or code == "eurosystem_general"),
            ],
            "haircuts": [
                _haircut("cmbs", _wal_bucket(row["bucket"]), row)
                for row in _csv(HAIRCUTS)
                if row["central_bank"] == EURO and row["category"] == "V" and row["credit_quality"] == quality
                and row["bucket"].startswith("WAL [")
            ],
        }
        for code, name, rating, quality, rule in doors
    ]  # fmt: skip


def _wal_bucket(text: str) -> tuple[float, float | None]:
    """The years of "WAL [3-5)"."""
    low, _, high = text.removeprefix("WAL [").removesuffix(")").partition("-")
    return float(low), None if high == "inf" else float(high)


def _federal_reserve() -> Row:
    said = _said(FED, "margin definition")
    bands = {"AAA": "AAA", "BBB-AA": "BBB-"}
    return {
        "code": "fed_discount_window", "bank": FED, "name": "Discount window", "gives": "primary and secondary credit",
        "haircut_basis": "duration_years",
        "criteria": [
            _class_criterion(["asset_backed_securities_as_listed"], said, confirmed="class_confirmed_fed"),
            {"code": "agency_ratings", "label": "Public rating", "kind": "agency_ratings", "rating": "BBB-", "count": 1,
             "accepted": AGENCIES, **said},
            _senior(said),
            *_desk_terms("Fed"),
        ],
        "haircuts": [
            _haircut("cmbs", FED_BUCKETS[row["bucket"]], row, bands[row["credit_quality"]])
            for row in _csv(HAIRCUTS)
            if row["central_bank"] == FED and row["asset"] == "asset-backed securities"
        ],
    }  # fmt: skip


def _platform_grid() -> list[Row]:
    """The source platform's own repo grid, by jurisdiction and structure."""
    return [_grid_row(row) for row in _json(TABLES)["repo_rules"]]


def _grid_row(row: Row) -> Row:
    place, structure = row["Jurisdiction"], row["StructureType"]
    said = {"provenance": "sourced", "source": f"{TABLES}: repo_rules {place} {structure}"}
    criteria = [
        {"code": "rating", "label": "Rating", "kind": "rating", "rating": row["Repo_Min_Rating"], **said},
        {"code": "dscr", "label": "Minimum DSCR", "kind": "min_dscr", "limit": row["Repo_Min_DSCR"], **said},
        {"code": "ltv", "label": "LTV", "kind": "max_ltv", "limit": row["Repo_Max_LTV%"], **said},
        {"code": "tenor", "label": "Tenor", "kind": "max_tenor", "limit": row["Repo_Max_TenorY"], **said},
        {"code": "reserve", "label": "Liquidity reserve", "kind": "reserve", "limit": row["Liquidity_Reserve_Months"], **said},
    ]  # fmt: skip
    if row["Min_Amort_%"] > 0:
        criteria.append(
            {
                "code": "amortised",
                "label": "Amortised by maturity",
                "kind": "min_amortised",
                "limit": row["Min_Amort_%"],
                **said,
            }
        )
    if row["Cash_Trap_Required"] == "Yes":
        criteria.append({"code": "cash_trap", "label": "Cash trap", "kind": "cash_trap", **said})
    if row["Bullet_Protection"] != "N/A":
        criteria.append({"code": "bullet_protection", "label": row["Bullet_Protection"], "kind": "evidence",
                         "evidence": "bullet_protection", **said})  # fmt: skip
    code = f"platform_grid_{place.lower()}_{STRUCTURES[structure]}"
    return {
        "code": code, "bank": "Platform's repo grid", "name": f"{place}, {structure.lower()}",
        "gives": f"repo rating capped at {row['Repo_Cap_Rating']}", "region": place,
        "structure_type": STRUCTURES[structure], "haircut_basis": "maturity_years", "criteria": criteria,
        "haircuts": _platform_haircuts(),
    }  # fmt: skip


def _platform_haircuts() -> list[Row]:
    table = _json(PLATFORM)["repo_haircut"]
    bands = [(float(low), float(high)) for low, _, high in (band.partition("-") for band in table["tenor_bands"])]
    return [
        {"asset_class": DATA_CENTRE, "rating": rating, "from_years": low,
         # A tenor on the edge belongs to the shorter band.
         "below_years": high + 1e-6, "haircut_ratio": ratio, "provenance": "sourced",
         "source": f"{PLATFORM}: repo_haircut.{rating}"}
        for rating, ratios in table.items() if rating != "tenor_bands"
        for (low, high), ratio in zip(bands, ratios, strict=True)
    ]  # fmt: skip
