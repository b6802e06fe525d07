"""Confirmations as PDF: words with their places, fields with their confidence; what is uncertain waits for a person.

A text layer is certain; what was recognised from a picture is as certain as its weakest word, and identifiers from a
picture always go to human eyes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.utils.exceptions import PdfminerException

from engine.reconciliation.records import OTC_FIELDS, Book, Value, read_value
from reconciliation.reading.door import require_kind
from reconciliation.reading.mapping import number
from reconciliation.reading.outcome import Reading, Refused, Unreadable
from reconciliation.reading.reading import Setting
from reconciliation.reading.scans import Word, recognised

MOST_PAGES = 20
CERTAIN = 100.0
LEAST_CONFIDENCE = 80.0
IDENTIFIERS = ("uti", "trade_id")
DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d.%m.%Y")
TENOR = re.compile(r"^(.*\S)\s+(\d+[DWMY])$")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a confirmation: its label, its text, how sure we are, and where it stands on which page."""

    label: str
    text: str
    confidence: float
    page: int
    place: tuple[float, float, float, float]
    name: str = ""  # of the field that the label stands for; empty for a line that no label begins

    @property
    def asks(self) -> bool:
        """True where a person has to look: the weakest word is uncertain, or a picture spells an identifier."""
        return needs_eyes(self.name, self.confidence)


def needs_eyes(name: str, confidence: float) -> bool:
    """True of a field that a person has to look at; nothing but a text layer is certain of an identifier."""
    return confidence < (CERTAIN if name in IDENTIFIERS else LEAST_CONFIDENCE)


LABELS = {
    "trade reference": "trade_id",
    "uti": "uti",
    "trade date": "trade_date",
    "effective date": "effective_date",
    "termination date": "maturity_date",
    "notional": "notional",
    "fixed rate": "rate",
    "floating index": "index",
    "spread": "spread",
    "fixed rate payer": "fixed_payer",
    "floating rate payer": "floating_payer",
    "total return payer": "return_payer",
    "total return receiver": "return_receiver",
    "reference asset": "underlying",
    "initial price": "price",
    "notional reset": "notional_reset",
}

# Which side is ours where the field names us.
SIDES = {"fixed_payer": "PAY_FIXED", "floating_payer": "RECEIVE_FIXED"}
RETURN_SIDES = {"return_receiver": "LONG", "return_payer": "SHORT"}


def read_document(name: str, content: bytes, setting: Setting) -> list[tuple[str, bytes, Reading | Refused]]:
    """The confirmation as one record, of a picture as fields for a person; Refused where it is neither."""
    try:
        fields = fields_of(content, setting.labels)
        reading = Reading(Book.OTC)
        if all(field.confidence == CERTAIN for field in fields):
            said = {field.name: field.text for field in fields}
            reading.add(name, "page 1", lambda: canonical(said, setting))
        else:
            reading.extracted = fields
    except Refused as refusal:
        return [(name, content, refusal)]
    return [(name, content, reading)]


def fields_of(content: bytes, labels: Mapping[str, str] = MappingProxyType({})) -> list[Field]:
    """Every line of a label and a value as the text layer has it; of a picture every line that was recognised.

    `labels` are those that people taught beside the known ones: as they were read, with the field they stand for.
    """
    require_kind(content, "PDF")
    known = {**labels, **LABELS}
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            pages = len(document.pages)
            if pages > MOST_PAGES:
                raise Refused("DOCUMENT_LONG", f"Expected at most {MOST_PAGES} pages.")
            lines = [(at, line) for at, page in enumerate(document.pages, start=1) for line in _lines(page)]
    except (PDFSyntaxError, PDFPasswordIncorrect, PdfminerException, ValueError, KeyError, TypeError):
        raise Refused("DOCUMENT_DAMAGED", "It cannot be opened: it is damaged or protected.") from None
    found = [field for page, line in lines if (field := _field(line, page, known)).name]
    if found:
        return found
    seen = [
        _field(line, page, known) for page, lines_ in enumerate(recognised(content, pages), start=1) for line in lines_
    ]
    if not any(field.name for field in seen):
        raise Refused("DOCUMENT_UNKNOWN", f"No line of it begins with a known label: {', '.join(LABELS)}.")
    return seen


def _lines(page: object) -> list[list[Word]]:
    """The words of the text layer by line, from left to right."""
    words = page.extract_words(use_text_flow=False, keep_blank_chars=False)  # type: ignore[attr-defined]
    rows: dict[int, list[Word]] = {}
    for word in words:
        box = (float(word["x0"]), float(word["top"]), float(word["x1"]), float(word["bottom"]))
        rows.setdefault(round(float(word["top"]) / 3), []).append(Word(str(word["text"]), CERTAIN, box))
    return [sorted(row, key=lambda word: word.place[0]) for row in rows.values()]


def _field(line: list[Word], page: int, known: Mapping[str, str]) -> Field:
    """The line by the longest label that begins it, as sure as its weakest word; without a label all of it is text."""
    texts = [word.text for word in line]
    lefts, tops, rights, bottoms = zip(*(word.place for word in line), strict=True)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    for length in range(len(texts) - 1, 0, -1):
        label = " ".join(texts[:length]).rstrip(":").strip()
        if name := known.get(label.lower()):
            weakest = min(word.confidence for word in line[length:])
            return Field(label, " ".join(texts[length:]).lstrip(": "), weakest, page, box, name)
    return Field("", " ".join(texts), min(word.confidence for word in line), page, box)


def canonical(said: Mapping[str, str], setting: Setting) -> dict[str, Value]:
    """The swap that a confirmation describes, as our side sees it; Unreadable for a field that cannot be read.

    A total return swap is one that names who pays or receives the return; any other is one of rates.
    """
    product = "trs" if RETURN_SIDES.keys() & said.keys() else "swap"
    texts = {"product": product, "side": _side(said, setting), "counterparty": _other(said, setting)}
    for name, read in READERS.items():
        if name in said:
            texts.update(_read(name, read, said[name]))
    return {name: read_value(OTC_FIELDS[name], text) for name, text in texts.items() if text}


def _read(name: str, read: Callable[[str], dict[str, str]], text: str) -> dict[str, str]:
    try:
        return read(text)
    except (ValueError, ArithmeticError) as error:
        raise Unreadable("FIELD_UNREADABLE", name, f"{name}: {error}.") from None


def _side(said: Mapping[str, str], setting: Setting) -> str:
    ours = {name.lower() for name, code in setting.names.items() if not code}
    for field, side in (RETURN_SIDES if RETURN_SIDES.keys() & said.keys() else SIDES).items():
        if said.get(field, "").lower() in ours:
            return side
    raise Unreadable("PARTY_UNKNOWN", "side", "None of the payers is us.")


def _other(said: Mapping[str, str], setting: Setting) -> str:
    names = {name.lower(): code for name, code in setting.names.items() if code}
    payers = [said.get(field, "") for field in (*RETURN_SIDES, *SIDES)]
    return next(
        (names[payer.lower()] for payer in payers if payer.lower() in names), next((p for p in payers if p), "")
    )


def _day(name: str) -> Callable[[str], dict[str, str]]:
    def read(text: str) -> dict[str, str]:
        for directives in DAYS:
            try:
                found: date = datetime.strptime(text.strip(), directives).date()  # noqa: DTZ007 - a day
            except ValueError:
                continue
            return {name: found.isoformat()}
        raise ValueError(f"expected a day, got {text[:40]!r}")

    return read


def _notional(text: str) -> dict[str, str]:
    currency, _, amount = text.strip().partition(" ")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"expected a currency and an amount, got {text[:40]!r}")
    return {"currency": currency, "notional": format(number(amount.strip()), "f")}


def _percent(name: str) -> Callable[[str], dict[str, str]]:
    def read(text: str) -> dict[str, str]:
        if not text.strip().endswith("%"):
            raise ValueError(f"expected per cent, got {text[:40]!r}")
        value = number(text.strip().removesuffix("%").strip()) / Decimal(100)
        return {name: format(value.normalize(), "f")}

    return read


def _yes_or_no(name: str) -> Callable[[str], dict[str, str]]:
    def read(text: str) -> dict[str, str]:
        words = {"yes": "true", "applicable": "true", "no": "false", "not applicable": "false"}
        if text.strip().lower() not in words:
            raise ValueError(f"expected Applicable or Not applicable, got {text[:40]!r}")
        return {name: words[text.strip().lower()]}

    return read


def _index(text: str) -> dict[str, str]:
    found = TENOR.match(text.strip())
    return {"index": found.group(1), "index_tenor": found.group(2)} if found else {"index": text.strip()}


READERS: dict[str, Callable[[str], dict[str, str]]] = {
    "trade_id": lambda text: {"trade_id": text.strip()},
    "uti": lambda text: {"uti": text.strip()},
    "trade_date": _day("trade_date"),
    "effective_date": _day("effective_date"),
    "maturity_date": _day("maturity_date"),
    "notional": _notional,
    "rate": _percent("rate"),
    "spread": _percent("spread"),
    "index": _index,
    "underlying": lambda text: {"underlying": text.strip()},
    "price": lambda text: {"price": format(number(text.strip()), "f")},
    "notional_reset": _yes_or_no("notional_reset"),
}
