"""What is decided by versions: how files are read (mappings), and what is compared how (terms)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields as attributes

from accounts.models import Role
from accounts.policies import declare, declare_role
from engine.basics.fields import FieldKind, FieldSpec
from engine.errors import InputProblems, Problem
from engine.reconciliation.lei import is_lei
from engine.reconciliation.records import FIELDS, Book
from engine.reconciliation.terms import Tolerances
from lib.text import label_of
from reconciliation.reading.mapping import FORMATS, LAYOUTS, Layout
from reconciliation.reading.outcome import Refused
from reconciliation.reading.reading import Setting, read_file
from reconciliation.translate import Content, layout_of, pairs_of, terms_of
from records.kinds import RecordKind, TableSpec

ANALYST = declare_role("reconciliation.analyst", "Reconciliation analyst")
OPERATIONS = declare_role("reconciliation.operations", "Reconciliation operations")
COMPLIANCE = declare_role("reconciliation.compliance", "Reconciliation compliance")
WRITE = declare(
    "reconciliation.write",
    roles=(ANALYST, OPERATIONS, Role.ADMIN),
    refusal="Only analysts, operations and administrators work on mappings and terms.",
)
BOOKS = tuple(str(book) for book in Book)
NUMBER, TEXT, CHOICE, FLAG, WHOLE = (
    FieldKind.NUMBER, FieldKind.TEXT, FieldKind.CHOICE, FieldKind.FLAG, FieldKind.INTEGER,
)  # fmt: skip
PROVENANCE = (FieldSpec("provenance", "Provenance", TEXT), FieldSpec("source", "Source", TEXT))


def _text(path: str, label: str, *, required: bool = False, about: str = "") -> FieldSpec:
    return FieldSpec(path, label, TEXT, required=required, help=about)


LAYOUT_FIELDS = (
    FieldSpec("book", "Book", CHOICE, choices=BOOKS, required=True),
    FieldSpec("layout", "Layout", CHOICE, choices=LAYOUTS, required=True),
    _text(
        "record",
        "Record",
        about="XPath or JSON path of the records; of marked lines their first cell; of workbooks the sheet",
    ),
    _text("encoding", "Encoding"),
    _text("delimiter", "Delimiter"),
    _text("decimal", "Before decimals"),
    _text("thousands", "Between thousands"),
    FieldSpec("has_header", "First line names columns", FLAG),
    _text("trailer", "Trailer", about="First cell of the last line, which counts the others"),
    FieldSpec("trailer_count", "Trailer: cell of the count", WHOLE, minimum=0, maximum=1_000),
    FieldSpec("trailer_net", "Trailer: cell of the net quantity", WHOLE, minimum=0, maximum=1_000),
)
RULE_FIELDS = (
    _text("field", "Field", required=True),
    _text("path", "Path", about="Column name or #number, XPath, or names down an object"),
    _text("format", "Format", about=f"Directives of a date, or {', '.join(FORMATS)}"),
    _text("values", "Words", about="Theirs to ours: K=BUY, V=SELL"),
    _text("zone", "Time zone", about="A zone's name, or the path to it"),
    _text("default", "Where nothing stands"),
    *PROVENANCE,
)
TEST_FIELDS = (
    _text("name", "Test", required=True),
    _text("sample", "Sample", required=True, about="A small file in one line: \\n stands for the end of a line"),
    _text("expected", "Expected", required=True, about="Fields of its first record: quantity=30, side=SELL"),
    *PROVENANCE,
)
MAPPING_TABLES = (
    TableSpec("layout", "Layout", "layout", LAYOUT_FIELDS, by_cell=True, is_required=True),
    TableSpec("fields", "Fields", "fields", RULE_FIELDS, ("field",), is_required=True),
    TableSpec("tests", "Test rows", "tests", TEST_FIELDS, ("name",)),
)
PARTY_FIELDS = (
    _text("code", "Code", required=True),
    _text("name", "Name", required=True),
    _text("lei", "LEI", required=True),
    FieldSpec("is_us", "Us", FLAG),
    *PROVENANCE,
)
PRODUCT_FIELDS = (
    _text("symbol", "Symbol", required=True),
    _text("exchange", "Exchange", required=True),
    FieldSpec("tick", "Tick", NUMBER, minimum=0, exclusive_minimum=True, required=True),
    FieldSpec("tick_value", "Tick value", NUMBER, minimum=0, exclusive_minimum=True, required=True),
    FieldSpec("multiplier", "Multiplier", NUMBER, minimum=0, exclusive_minimum=True, required=True),
    _text("currency", "Currency", required=True),
    *PROVENANCE,
)
RATE_FIELDS = (
    _text("pair", "Pair", required=True, about="EURUSD: dollars for a euro"),
    FieldSpec("rate", "Rate", NUMBER, minimum=0, exclusive_minimum=True, required=True),
    *PROVENANCE,
)
HOLIDAY_FIELDS = (FieldSpec("day", "Day", FieldKind.DATE, required=True), _text("name", "Name"), *PROVENANCE)
TOLERANCE_FIELDS = tuple(
    FieldSpec(each.name, label_of(each.name), WHOLE if each.type == "int" else NUMBER, minimum=0)
    for each in attributes(Tolerances)
)
TERMS_TABLES = (
    TableSpec("tolerances", "Tolerances", "tolerances", TOLERANCE_FIELDS, by_cell=True, is_required=True),
    TableSpec("parties", "Parties", "parties", PARTY_FIELDS, ("code",), is_required=True),
    TableSpec("products", "Listed products", "products", PRODUCT_FIELDS, ("symbol",)),
    TableSpec("fx_rates", "Currency rates", "rates", RATE_FIELDS, ("pair",)),
    TableSpec("holidays", "Holidays", "holidays", HOLIDAY_FIELDS, ("day",)),
)


def field_problems(content: Content) -> Iterable[Problem]:
    """Fields that the book does not have, and formats that nobody knows."""
    known = FIELDS[Book(content["layout"]["book"])]
    for row in content["fields"]:
        if row["field"] not in known:
            said = f"{row['field']} is no field of {content['layout']['book']}: expected one of {', '.join(known)}."
            yield Problem("unknown_field", f"fields.{row['field']}.field", said)


def sample_bytes(sample: str, layout: Layout) -> bytes:
    """The small file that a sample writes in one line."""
    return sample.replace("\\n", "\n").encode(layout.encoding, errors="replace")


def test_row_problems(content: Content) -> Iterable[Problem]:
    """Test rows that the mapping does not read as they expect: they must pass before it is approved."""
    layout = layout_of(content)
    for row in content.get("tests", []):
        found = read_file(f"test {row['name']}", sample_bytes(row["sample"], layout), Setting("mapped", layout=layout))
        place = f"tests.{row['name']}.expected"
        if isinstance(found, Refused) or not found.records:
            problem = found.problem if isinstance(found, Refused) else (*found.problems, *found.notes)[0]
            yield Problem("test_row", place, f"Test {row['name']} is not read: {problem.message}")
            continue
        for name, expected in pairs_of(row["expected"]).items():
            if (text := found.records[0].text(name)) != expected:
                yield Problem(
                    "test_row",
                    place,
                    f"Test {row['name']}: {name} is read as {text or 'nothing'}, expected {expected}.",
                )


def lei_problems(content: Content) -> Iterable[Problem]:
    """LEIs whose check digits do not hold."""
    for row in content.get("parties", []):
        if not is_lei(row["lei"]):
            yield Problem("lei", f"parties.{row['code']}.lei", f"{row['lei']} is no LEI: its check digits do not hold.")


def _read_mapping(content: Content) -> object:
    try:
        return layout_of(content)
    except (KeyError, ValueError, TypeError, LookupError) as error:
        raise InputProblems([Problem("layout", "layout", f"The layout cannot be read: {error}.")]) from error


def _read_terms(content: Content) -> object:
    try:
        return terms_of(content)
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise InputProblems([Problem("terms", "tolerances", f"The terms cannot be read: {error}.")]) from error


MAPPINGS = RecordKind(
    name="mapping",
    noun="mapping",
    title="Mappings",
    about="How the files of a source are read: where each field stands and how it is written. Test rows must pass before approval.",
    form="atlas-nexus/mapping/1",
    pages="mapping",
    tables=MAPPING_TABLES,
    write=WRITE,
    read=_read_mapping,
    checks=(field_problems, test_row_problems),
    load_hint="Load them with manage.py load_reconciliation_demo.",
)
TERMS = RecordKind(
    name="recon_terms",
    noun="reconciliation terms",
    title="Reconciliation terms",
    about="Parties, products, rates, holidays and how far two sides may be apart. Each run keeps the version it was made with.",
    form="atlas-nexus/reconciliation-terms/1",
    pages="recon-terms",
    tables=TERMS_TABLES,
    write=WRITE,
    read=_read_terms,
    checks=(lei_problems,),
    load_hint="Load them with manage.py load_reconciliation_demo.",
)
