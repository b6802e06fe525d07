"""Classes of notes as assets that a CLO may buy: the last version of each structure whose run is done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import User
from engine.notes.terms import CouponKind, NoteClass, NoteStructure
from portfolios.issued import IssuedNote
from securitisation.access import visible_structures
from securitisation.models import StructureVersion
from securitisation.queries import last_result, latest_version
from securitisation.translate import engine_deal

BPS = Decimal("0.0001")
# What a class of notes is by its nature: no loan, nothing undrawn, nothing in default at issue.
NATURE = {
    "bond_loan": "BOND", "unfunded_amount": "0", "commitment_fee": "0", "piking": "No", "default_obligation": "No",
    "delayed_drawdown": "No", "revolver": "No", "letter_of_credit": "No", "participation": "No", "dip": "No",
    "convertible": "No", "structured_finance": "Yes", "bridge_loan": "No", "current_pay": "No", "cov_lite": "No",
    "first_lien_last_out_loan": "No", "day_count": "30/360", "libor_floor": "0", "amortization_type": "Pass-through",
}  # fmt: skip


def offered_notes(user: User) -> list[IssuedNote]:
    """Every class of the structures that `user` may see, as columns of a tape."""
    versions = [latest_version(structure) for structure in visible_structures(user)]
    return [note for version in versions for note in _classes(version)]


def _classes(version: StructureVersion) -> list[IssuedNote]:
    run = last_result(version)
    if run is None:
        return []
    found = {each["code"]: each for each in run.summary["classes"]}
    risks = (run.summary["risk"] or {}).get("classes", {})
    maturity = str(run.summary["paths"]["dates"][-1])
    structure = engine_deal(version).structure
    return [
        IssuedNote(
            code=f"{version.structure.code}:{each.code}",
            title=f"{version.structure} {each.name}",
            cells=_cells(version, structure, each, found[each.code], maturity),
            indicated_rating=risks.get(each.code, {}).get("indicated_rating") or "",
            provenance=f"{version}, class {each.code}, SHA-256 {version.content_hash[:12]}",
            content_hash=version.content_hash,
            url=reverse("structure", args=[version.structure.code]),
        )
        for each in structure.classes
    ]


def _cells(
    version: StructureVersion, structure: NoteStructure, note: NoteClass, result: dict[str, Any], maturity: str
) -> dict[str, str]:
    ident = version.structure.code.hex[:8].upper()
    balance, floats = f"{note.balance_amount:.2f}", note.coupon_kind is CouponKind.FLOATING
    cells = {
        **NATURE,
        "blkrockid": f"{ident}-{note.code}",
        "issue_name": f"{version.structure} {note.name}",
        "issuer_name": str(version.structure),
        "issuer_id": ident,
        "tranche": note.code,
        "par_amount": balance,
        "amount_issued": balance,
        "facility_size": f"{structure.notes_amount:.2f}",
        "deal_par_amount": balance,
        "currency": structure.currency,
        "maturity": maturity,
        "issue_date": structure.closing_date.isoformat(),
        "dated_date": structure.closing_date.isoformat(),
        "coupon_type": "FLOAT" if floats else "FIXED",
        "payment_frequency": str(12 // structure.payment_frequency_months),
        "coupon": f"{result['coupon_rate']:.7f}",
        "coupon_spread": f"{Decimal(str(note.margin_bps)) * BPS:f}" if floats else "",
        "deferred_interest_bond": "Yes" if note.deferrable else "No",
        "wal": "" if result["wal_years"] is None else f"{result['wal_years']:.4f}",
        "market_value": "" if result["price_ratio"] is None else f"{100 * result['price_ratio']:.4f}",
    }
    return {name: text for name, text in cells.items() if text}
