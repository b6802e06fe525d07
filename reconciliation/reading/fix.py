"""Trade capture reports: FIXML 5.0 SP2, and FIX in tags and values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from engine.reconciliation.records import LISTED_FIELDS, Book, Value, read_value
from reconciliation.reading.outcome import Limits, Reading, Refused, Unreadable
from reconciliation.reading.xml import children, local, namespace, place

FIXML = "http://www.fixprotocol.org/FIXML"
SIDES = {"1": "BUY", "2": "SELL", "3": "BUY", "4": "SELL", "5": "SELL", "6": "SELL"}
TRANSACTIONS = {"": "NEW", "0": "NEW", "1": "CANCEL", "2": "REPLACE"}
ACCOUNT_ROLES = ("24", "38")  # customer account, position account
SOH = "\x01"
Texts = dict[str, str]
# Reports in tags and values: a field by its tag; the first that is there counts.
TAGS = {
    "report_id": ("571", "17"),
    "ref": ("572", "19"),
    "trade_id": ("11", "37"),
    "account": ("1",),
    "symbol": ("55",),
    "exchange": ("207",),
    "expiry": ("200",),
    "quantity": ("32",),
    "price": ("31",),
    "currency": ("15", "120"),
    "trade_date": ("715", "75"),
    "settle_date": ("64",),
    "exec_time_utc": ("60",),
}


def read_fixml(root: etree._Element, name: str, limits: Limits) -> Reading:
    """A record for every trade capture report."""
    if local(root) != "FIXML" or not namespace(root).startswith((FIXML, "http://www.fixprotocol.org/FIXML-5")):
        raise Refused("FORMAT_UNKNOWN", f"No reader knows {local(root)}: map it.", place(root))
    for each in root.iter(etree.Element):
        if not namespace(each).startswith(FIXML):
            raise Refused("XML_UNKNOWN_ELEMENT", f"{local(each)} is no part of the format.", place(each))
    reports = [each for each in root.iter(etree.Element) if local(each) == "TrdCaptRpt"]
    if not reports:
        raise Refused("FORMAT_UNKNOWN", "It holds no trade capture report.", place(root))
    if len(reports) > limits.rows:
        raise Refused("TOO_MANY_ROWS", f"Expected at most {limits.rows:,} reports.")
    reading = Reading(Book.LISTED)
    for number, report in enumerate(reports, start=1):
        own = name if len(reports) == 1 else f"{name}#{number}"
        reading.add(own, place(report), lambda report=report: typed(_of_report(report)))  # type: ignore[misc]
    return reading


def _of_report(report: etree._Element) -> Texts:
    instrument = next(children(report, "Instrmt"), None)
    side = next(children(report, "RptSide"), None)
    if instrument is None:
        raise Unreadable("FIELD_MISSING", "Instrmt", "Instrmt is missing: the contract is not known.")
    if side is None:
        raise Unreadable("FIELD_MISSING", "RptSide", "RptSide is missing: side and account are not known.")
    said = {
        "report_id": report.get("RptID"),
        "ref": report.get("RptRefID"),
        "transaction": _transaction(report.get("TransTyp", "")),
        "trade_id": side.get("ClOrdID"),
        "account": _account(side),
        "symbol": instrument.get("ID") or instrument.get("Sym"),
        "exchange": instrument.get("Exch"),
        "expiry": str(instrument.get("MMY") or "")[:6],
        "side": _side(side.get("Side", "")),
        "quantity": report.get("LastQty"),
        "price": report.get("LastPx"),
        "currency": report.get("SettlCcy") or report.get("Ccy") or instrument.get("PxQteCcy"),
        # The business date: a time stamp after midnight UTC belongs to the day before.
        "trade_date": report.get("BizDt"),
        "settle_date": report.get("SettlDt"),
        "exec_time_utc": utc_text(report.get("TxnTm", "")),
    }
    return {name: str(value) for name, value in said.items() if value}


def _account(side: etree._Element) -> str:
    by_role = {str(each.get("R")): str(each.get("ID")) for each in children(side, "Pty")}
    return next((by_role[role] for role in ACCOUNT_ROLES if role in by_role), str(side.get("Acct") or ""))


def _side(code: str) -> str:
    if code and code not in SIDES:
        raise Unreadable("FIELD_UNREADABLE", "Side", f"Side: expected 1 (buy) or 2 (sell), got {code[:20]!r}.")
    return SIDES.get(code, "")


def _transaction(code: str) -> str:
    if code not in TRANSACTIONS:
        raise Unreadable("FIELD_UNREADABLE", "TransTyp", f"TransTyp: expected 0, 1 or 2, got {code[:20]!r}.")
    return TRANSACTIONS[code]


def utc_text(said: str) -> str:
    """The time in UTC, to the second; one without an offset is UTC already."""
    if not said:
        return ""
    try:
        time = datetime.fromisoformat(_dashed(said))
    except ValueError:
        raise Unreadable("FIELD_UNREADABLE", "exec_time_utc", f"Expected a time, got {said[:40]!r}.") from None
    in_utc = time.astimezone(UTC) if time.tzinfo else time
    return in_utc.replace(tzinfo=None, microsecond=0).isoformat()


def _dashed(said: str) -> str:
    """FIX writes 20260616-14:06:01."""
    is_fix = len(said) > 8 and said[:8].isdecimal() and said[8] == "-"
    return f"{said[:4]}-{said[4:6]}-{said[6:8]}T{said[9:]}" if is_fix else said


def typed(texts: Mapping[str, str]) -> Mapping[str, Value]:
    """The values of texts by field of a listed trade."""
    values: dict[str, Value] = {}
    for name, said in texts.items():
        if said:
            try:
                values[name] = read_value(LISTED_FIELDS[name], said)
            except ValueError as error:
                raise Unreadable("FIELD_UNREADABLE", name, f"{name}: {error}.") from None
    return values


def read_tag_value(content: bytes, name: str, limits: Limits) -> Reading:
    """A record for every message of one line; between fields stands SOH, or | where somebody made it readable."""
    try:
        lines = [each for each in content.decode("ascii").splitlines() if each.strip()]
    except UnicodeDecodeError as error:
        raise Refused("FIX_ENCODING", f"Byte {error.start + 1} is not ASCII.") from None
    if len(lines) > limits.rows:
        raise Refused("TOO_MANY_ROWS", f"Expected at most {limits.rows:,} messages.")
    reading = Reading(Book.LISTED)
    for number, line in enumerate(lines, start=1):
        reading.add(f"{name}#{number}", f"line {number}", lambda line=line: typed(_of_message(line)))  # type: ignore[misc]
    return reading


def _of_message(line: str) -> Texts:
    separator = SOH if SOH in line else "|"
    pairs = [each.partition("=") for each in line.strip().strip(separator).split(separator)]
    if pairs[0][0] != "8" or any(not sign or not tag.isdecimal() for tag, sign, _ in pairs):
        raise Unreadable("ROW_SHAPE", "message", "Expected fields as tag=value, the first of them 8.")
    _check_sum(line, separator, {tag: value for tag, _, value in pairs}.get("10", ""))
    first: Texts = {}
    for tag, _, value in pairs:
        first.setdefault(tag, value)
    if first.get("35") not in {"AE", "8"}:
        raise Unreadable(
            "FORMAT_UNKNOWN", "35", f"Expected a report (35=AE or 8), got {first.get('35', 'nothing')[:20]}."
        )
    found = {name: next((first[tag] for tag in tags if tag in first), "") for name, tags in TAGS.items()}
    found["account"] = found["account"] or _party_account([(tag, value) for tag, _, value in pairs])
    found |= {"side": _side(first.get("54", "")), "transaction": _transaction(first.get("487", first.get("20", "")))}
    for field in ("trade_date", "settle_date"):
        day = found[field]
        found[field] = f"{day[:4]}-{day[4:6]}-{day[6:]}" if day.isdecimal() and len(day) == 8 else day
    return {**found, "expiry": found["expiry"][:6], "exec_time_utc": utc_text(found["exec_time_utc"])}


def _party_account(pairs: list[tuple[str, str]]) -> str:
    """The party in the role of an account: 448 names it, 452 behind it says the role."""
    party = ""
    for tag, value in pairs:
        if tag == "448":
            party = value
        elif tag == "452" and value in ACCOUNT_ROLES:
            return party
    return ""


def _check_sum(line: str, separator: str, said: str) -> None:
    """Nothing; Unreadable where the message was changed on its way. A readable copy has no sum of its own."""
    if separator != SOH or not said:
        return
    body = line.strip()[: line.strip().rindex(f"{SOH}10=") + 1]
    total = sum(body.encode("ascii")) % 256
    if not said.isdecimal() or int(said) != total:
        raise Unreadable("CHECKSUM", "10", f"Its checksum is {total:03d}, it says {said[:10]}.")
