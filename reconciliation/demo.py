"""A day of files, with sources and definitions, compared: what one sees first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from accounts.models import User
from jobs.work import work
from reconciliation.models import Definition, ReceivedFile, ReconciliationRun, Role, Source
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.receive_file import receive_file
from reconciliation.services.request_run import request_run
from reconciliation.services.save_source import save_source

FOLDER = Path(__file__).resolve().parent / "demo_day"
DAY = date(2026, 6, 16)


@dataclass(frozen=True, slots=True)
class Sends:
    """A source of the demo and its files, by pattern."""

    name: str
    role: Role
    format: str
    book: str
    files: str
    mapping: str = ""
    party: str = ""


def _ours(name: str, files: str, mapping: str = "our-listed-trades", book: str = "listed") -> Sends:
    return Sends(name, Role.INTERNAL, "mapped", book, files, mapping)


SOURCES = (
    _ours("Our OTC book", "otc_internal.csv", "our-otc-trades", "otc"),
    Sends("Confirmations", Role.BROKER, "fpml", "otc", "fpml/*.xml"),
    _ours("Our listed trades", "etd_internal_trades.csv"),
    Sends("Clearing reports", Role.BROKER, "fixml", "listed", "fixml/*.xml", party="A"),
    _ours("Our trades behind positions", "etd_internal_position_trades.csv"),
    Sends(
        "Our settlement prices",
        Role.PRICES,
        "mapped",
        "position",
        "etd_internal_settlement_prices.csv",
        "our-settlement-prices",
    ),
    Sends(
        "Broker A, positions", Role.BROKER, "mapped", "position", "broker_a_positions.csv", "broker-a-positions", "A"
    ),
    _ours("Our block trades", "etd_internal_blocks.csv"),
    Sends(
        "Broker B, allocations",
        Role.BROKER,
        "mapped",
        "listed",
        "broker_b_allocations.csv",
        "broker-b-allocations",
        "B",
    ),
    _ours("Our trades with broker C", "etd_internal_broker_c.csv"),
    Sends("Broker C, trades", Role.BROKER, "mapped", "listed", "broker_c_trades.txt", "broker-c-trades", "C"),
    Sends("Broker D, deals", Role.BROKER, "mapped", "listed", "generic_broker_d.xml", "broker-d-deals", "D"),
    _ours("Our cleared trades", "nway_internal.csv"),
    Sends("Broker of cleared trades", Role.BROKER, "mapped", "listed", "nway_broker.csv", "our-listed-trades", "A"),
    Sends("Clearing house", Role.CCP, "mapped", "listed", "nway_ccp.csv", "our-listed-trades", "CCP"),
    _ours("Our expected cash", "cash_internal.csv", "our-cash", "cash"),
    Sends("Bank statement", Role.BROKER, "mapped", "cash", "cash_statement.csv", "bank-statement", "BANK"),
)
DEFINITIONS = (
    ("OTC trades", "otc", ("Our OTC book", "Confirmations")),
    ("Listed trades", "listed", ("Our listed trades", "Clearing reports")),
    (
        "Positions at broker A",
        "positions",
        ("Our trades behind positions", "Our settlement prices", "Broker A, positions"),
    ),
    ("Allocations of broker B", "listed", ("Our block trades", "Broker B, allocations")),
    ("Trades with broker C", "listed", ("Our trades with broker C", "Broker C, trades")),
    ("Cleared trades, three books", "nway", ("Our cleared trades", "Broker of cleared trades", "Clearing house")),
    ("Cash", "cash", ("Our expected cash", "Bank statement")),
)
BALANCES = {"cash_statement.csv": "cash_statement_balances.csv"}


def load_day(by: User) -> list[ReconciliationRun]:
    """The runs of the demo day; what is there already stays, and a definition that was run is not run again."""
    sources = {each.name: _source(by, each) for each in SOURCES}
    for each in SOURCES:
        if not ReceivedFile.objects.filter(source=sources[each.name]).exists():
            _receive(by, sources[each.name], each)
    definitions = [_definition(by, name, what, [sources[n] for n in names]) for name, what, names in DEFINITIONS]
    return [_run(by, each) for each in definitions if not each.runs.exists()]


def _source(by: User, each: Sends) -> Source:
    known = Source.objects.filter(name=each.name).first()
    made = Source(
        name=each.name,
        role=each.role,
        format=each.format,
        book=each.book,
        mapping_family=each.mapping,
        party=each.party,
    )
    return known or save_source(by=by, source=made)


def arrival(path: Path) -> tuple[str, str]:
    """Files in the order in which they came: by name, a repeated one behind what it repeats."""
    stem, _, kind = path.stem.partition("_")
    return stem.removesuffix("-again"), f"{'-again' in stem}{kind}"


def _receive(by: User, source: Source, each: Sends) -> None:
    for path in sorted(FOLDER.glob(each.files), key=arrival):
        balances = BALANCES.get(path.name)
        receive_file(
            by=by,
            source=source,
            name=path.name,
            content=path.read_bytes(),
            business_date=DAY,
            balances=(FOLDER / balances).read_bytes() if balances else None,
        )


def _definition(by: User, name: str, what: str, sources: Sequence[Source]) -> Definition:
    known = Definition.objects.filter(name=name).first()
    return known or define_reconciliation(by=by, name=name, what=what, sources=sources)


def _run(by: User, definition: Definition) -> ReconciliationRun:
    run = request_run(by=by, definition=definition, business_date=DAY, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    return run
