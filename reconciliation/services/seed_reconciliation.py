"""The mappings and terms that come with the installation, added where they are not there yet."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.reconciliation.terms import Tolerances
from reconciliation.models import MappingTemplate, ReconciliationTerms
from records.services import install_missing

DATA = Path(__file__).resolve().parent.parent / "data"
EFFECTIVE_FROM = "2025-01-01"
SAID = {"provenance": "assumption", "source": "comes with the installation"}
Content = dict[str, Any]
MAPPING_TABLES, TERMS_TABLES = ("fields", "tests"), ("parties", "products", "fx_rates", "holidays")


def seed_reconciliation() -> list[MappingTemplate | ReconciliationTerms]:
    """The seeded versions."""
    mappings = json.loads((DATA / "mappings.json").read_text())
    documents = [_document(family, found["name"], _mapping(found["content"])) for family, found in mappings.items()]
    terms = json.loads((DATA / "terms.json").read_text())
    found: list[MappingTemplate | ReconciliationTerms] = [*install_missing(model=MappingTemplate, documents=documents)]
    document = _document("house", "House terms of reconciliation", terms_content(terms))
    return [*found, *install_missing(model=ReconciliationTerms, documents=[document])]


def terms_content(terms: Content) -> Content:
    """The terms with the house's tolerances, every row saying where it comes from."""
    tolerances = {
        name: float(value) if not isinstance(value, int) else value for name, value in asdict(Tolerances()).items()
    }
    tables = {name: [{**row, **SAID} for row in terms[name]] for name in TERMS_TABLES if terms[name]}
    return {"tolerances": _said_by_cell(tolerances), **tables}


def _mapping(content: Content) -> Content:
    rows = {name: [{**row, **SAID} for row in content[name]] for name in MAPPING_TABLES if content[name]}
    return {"layout": _said_by_cell(content["layout"]), **rows}


def _said_by_cell(row: Content) -> Content:
    return {**row, "sources": dict.fromkeys(row, SAID)}


def _document(family: str, name: str, content: Content) -> Content:
    notes = "Comes with the installation."
    return {
        "family": family,
        "version": 1,
        "name": name,
        "effective_from": EFFECTIVE_FROM,
        "notes": notes,
        "content": content,
    }
