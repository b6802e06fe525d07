"""Verdicts, kinds of difference and fields in the words of the desk; files and the API keep the codes."""

from __future__ import annotations

from engine.reconciliation.verdicts import Verdict
from lib.text import label_of

TITLES: dict[str, str] = {
    Verdict.EXACT: "Matched exactly",
    Verdict.TOLERANCE: "Matched within tolerance",
    Verdict.TEMPORAL: "Matched, booked later",
    Verdict.DERIVED: "Matched by a derived key",
    Verdict.GROUP: "Matched as a group",
    Verdict.FX: "Matched across currencies",
    Verdict.MANUAL: "Matched by hand",
    Verdict.AGREE: "All books agree",
    Verdict.AMBIGUOUS: "Several candidates",
    Verdict.BREAK: "Break",
    Verdict.NWAY_DISAGREEMENT: "Books disagree",
    Verdict.NWAY_MISSING: "Missing in a book",
    Verdict.MISSING_EXTERNAL: "Missing on their side",
    Verdict.MISSING_INTERNAL: "Missing on our side",
    Verdict.DUPLICATE: "Duplicate",
    Verdict.CANCELLED: "Cancelled",
    Verdict.CANCEL_APPLIED: "Cancellation applied",
    Verdict.REPLACED: "Replaced",
    "PRICE_BREAK": "Price differs",
    "QTY_BREAK": "Quantity differs",
    "AMOUNT_BREAK": "Amount differs",
    "DATE_BREAK": "Date differs",
    "FX_RATE_BREAK": "FX rate differs",
    "SIGN_BREAK": "Sign differs",
    "PARTIAL_PAYMENT": "Paid in part",
    "OTHER": "Another term differs",
    "AGREED_LATER": "Agreed with the confirmation",
    "TEMPORAL": "Later date",
    "TOLERANCE": "Within tolerance",
    "SAME_AFTER_NORMALISING": "Same once normalised",
}


def title_of(codes: str) -> str:
    """The words for one code, or for several with commas between them; an unknown code as words."""
    return ", ".join(TITLES.get(code, label_of(code.lower())) for code in codes.split(", "))
