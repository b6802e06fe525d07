"""A table of toys against a plain reading of it: every operator, sort and page, and the page that shows them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.http import urlencode

from accounts.models import User
from accounts.requests import PersonRequest
from lib.errors import Invalid
from lib.figures import number_format
from tables.addresses import read_query
from tables.distributions import distribution
from tables.query import MAX_PAGE_SIZE, Filter, Query, Sort, query_from_params
from tables.reading import count_of, page_of, rows_of
from tables.registry import register
from tables.services.save_view import save_view
from tables.source import Source
from tables.views.explorer import Explorer, explore
from tests.tables.toys import SIZE, TOYS, shop, toys

Toy = dict[str, Any]
Shows = Callable[[str], dict[str, Any]]
PRICE = 1_000_000 + 0.25 * 402


def numbers_of(source: Source, *filters: Filter) -> list[int]:
    query = Query(("number",), filters, page_size=MAX_PAGE_SIZE)
    page = page_of(source, query)
    assert page.total == len(page.keys) == count_of(source, query)
    return list(page.keys)


def has(toy: Toy, name: str, holds: Callable[[Any], bool]) -> bool:
    return toy[name] is not None and holds(toy[name])


CASES: list[tuple[Filter, Callable[[Toy], bool]]] = [
    (Filter("price_amount", ">", PRICE), lambda t: has(t, "price_amount", lambda v: v > PRICE)),
    (Filter("price_amount", ">=", str(PRICE)), lambda t: has(t, "price_amount", lambda v: v >= PRICE)),
    (Filter("price_amount", "<", PRICE), lambda t: has(t, "price_amount", lambda v: v < PRICE)),
    (Filter("price_amount", "<=", PRICE), lambda t: has(t, "price_amount", lambda v: v <= PRICE)),
    (Filter("price_amount", "=", PRICE), lambda t: t["price_amount"] == PRICE),
    (Filter("price_amount", "!=", PRICE), lambda t: has(t, "price_amount", lambda v: v != PRICE)),
    (Filter("margin_ratio", "between", [0.1 + 0.2, 0.7]), lambda t: 300 <= t["number"] <= 700),
    (Filter("margin_ratio", "in", [0.1 + 0.2, 0.7]), lambda t: t["number"] in (300, 700)),
    (Filter("price_amount", "is null"), lambda t: t["price_amount"] is None),
    (Filter("price_amount", "is not null"), lambda t: t["price_amount"] is not None),
    (Filter("name", "=", "Toy 3"), lambda t: t["name"] == "Toy 3"),
    (Filter("name", "!=", "Toy 3"), lambda t: t["name"] != "Toy 3"),
    (Filter("name", "in", ["Toy 1", "Toy 2"]), lambda t: t["name"] in ("Toy 1", "Toy 2")),
    (Filter("name", "=", "x' OR '1'='1"), lambda t: False),
    (Filter("colour", "=", "deep BLUE"), lambda t: t["colour"] == 1),
    (Filter("colour", "=", "Green_Ish"), lambda t: t["colour"] == 2),
    (Filter("colour", ">=", 1), lambda t: t["colour"] >= 1),
    (Filter("is_sold", "=", "yes"), lambda t: t["is_sold"] == 1),
    (Filter("parts", "=", 3), lambda t: t["parts"] == 3),
    (Filter("stars", "=", 0), lambda t: t["stars"] == 0),
    (Filter("stars", "between", [2, 4]), lambda t: 2 <= t["stars"] <= 4),
    (Filter("place", "<=", 10), lambda t: has(t, "place", lambda v: v <= 10)),
    (Filter("place", "is null"), lambda t: t["place"] is None),
    (Filter("number", "<", 17.5), lambda t: t["number"] < 17.5),
]


def test_filters_find_what_a_plain_reading_finds(source: Source):
    for condition, keeps in CASES:
        assert numbers_of(source, condition) == [t["number"] for t in toys() if keeps(t)], condition


@pytest.mark.parametrize("name", ["price_amount", "name", "stars", "place"])
@pytest.mark.parametrize("descending", [False, True])
def test_any_column_sorts_with_empty_cells_last_and_ties_by_key(source: Source, name: str, descending: bool):
    known = sorted((t for t in toys() if t[name] is not None), key=lambda t: t[name], reverse=descending)
    expected = [t["number"] for t in [*known, *(t for t in toys() if t[name] is None)]]
    page = page_of(source, Query(sort=(Sort(name, descending),), page_size=MAX_PAGE_SIZE))
    assert list(page.keys) == expected


def test_a_price_at_a_limit_is_kept_and_one_beside_it_is_not(source: Source):
    number = next(t["number"] for t in toys() if t["price_amount"] == PRICE)
    up, down = float(np.nextafter(PRICE, np.inf)), float(np.nextafter(PRICE, 0.0))
    for operator, limit, is_kept in [
        (">=", up, True), ("<=", down, True), (">", down, False), ("<", up, False), ("=", up, True), ("!=", up, False),
        (">=", PRICE + 0.01, False), ("<=", PRICE - 0.01, False), (">", PRICE - 0.01, True), ("<", PRICE + 0.01, True),
        ("=", PRICE + 0.01, False), ("between", [up, up + 1], True), ("between", [down - 1, down], True),
        ("between", [PRICE + 0.01, up + 1], False), ("in", [up], True), ("in", [PRICE + 0.01], False),
    ]:  # fmt: skip
        found = numbers_of(source, Filter("price_amount", operator, limit))
        assert (number in found) == is_kept, (operator, limit)


def test_whole_numbers_are_exact(tmp_path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tables.source import source_of

    large = 2**60
    pq.write_table(pa.table({"number": [large, large + 1]}), tmp_path / "large.parquet")
    source = source_of(TOYS, [tmp_path / "large.parquet"])
    query = Query(("number",), (Filter("number", ">", str(large)),))
    assert page_of(source, query).keys == (large + 1,)


def test_a_part_that_is_still_to_come_is_empty(tmp_path: Path):
    source = shop(tmp_path, reviewed=False)
    page = page_of(source, Query(("stars", "place"), sort=(Sort("stars", True), Sort("place"))))
    assert set(page.rows) == {(0, None)}
    assert page.total == SIZE
    assert numbers_of(source, Filter("place", "is not null")) == []


def test_what_the_files_do_not_hold_is_no_column(source: Source):
    with pytest.raises(Invalid, match="has no column 'absent'"):
        page_of(source, Query(("absent",)))


def test_one_row_holds_every_column(source: Source):
    found = rows_of(source, [8, 3, SIZE])
    assert set(found) == {8, 3}
    assert found[8] == toys()[8]


@pytest.mark.parametrize(
    "name", ['number"; DROP TABLE toys; --', "t.number", "*", "", "NUMBER", "row key", "read_text('/etc/passwd')"]
)
def test_a_column_that_is_not_in_the_catalogue_is_refused_wherever_it_stands(source: Source, name: str):
    for query in (Query((name,)), Query(sort=(Sort(name),)), Query(filters=(Filter(name, "=", 1),))):
        with pytest.raises(Invalid, match="has no column"):
            page_of(source, query)


@pytest.mark.parametrize("value", [None, 1, "", " ", "x" * 201, "a\0b"])
def test_a_text_is_looked_for_as_a_text(source: Source, value: Any):
    with pytest.raises(Invalid, match="expected a text of up to 200 letters"):
        page_of(source, Query(filters=(Filter("name", "=", value),)))


def test_a_distribution_counts_every_known_value_once():
    values = np.array([0.0, 1.0, 1.0, np.nan, 4.0])
    found = distribution(values, np.array([0, 1, 0, 1, 1]), {0: "A", 1: "B"})
    assert (found.edges[0], found.edges[-1], len(found.edges), found.missing) == (0.0, 4.0, 41, 1)
    assert (sum(found.counts["A"]), sum(found.counts["B"])) == (2, 2)
    assert distribution(values[3:4], np.array([0]), {0: "A"}).edges == []


# The page


def filter_fields(column: str, operator: str, value: str) -> dict[str, str]:
    """One filter as the form sends it."""
    return {"filter-column": column, "filter-operator": operator, "filter-value": value}


@pytest.fixture
def page_for(source: Source, sponsor: User) -> Shows:
    """`page_for(address)`: what the page of the toys shows Sofia."""
    explorer = Explorer(TOYS, lambda: source, "/toys/", "/toys/export/", SIZE, "GBP")
    register(TOYS)

    def show(address: str) -> dict[str, Any]:
        request = cast("PersonRequest", RequestFactory().get(f"/toys/?{address}"))
        request.user = sponsor
        return explore(explorer, request)

    return show


def test_an_address_is_a_page_with_the_table_and_its_filters_as_typed(page_for: Shows):
    context = page_for("column=number&column=margin_ratio&column=fun&filter=margin_ratio|>=|0.25&sort=-fun&size=25")
    assert (context["page"].total, context["first"], context["last"]) == (750, 1, 25)
    assert [(cell.text, cell.is_number) for cell in context["rows"][0].cells] == [("25.0%", True), ("0.750", True)]
    assert [(row.column, row.operator, row.value) for row in context["filters"][:1]] == [("margin_ratio", ">=", "25")]
    text = render_to_string("tables/fragments/explorer.html", context)
    assert "750" in text
    assert "/toys/export/?format=excel" in text


def test_percent_is_typed_as_percent_and_words_as_words(source: Source):
    typed = "filter-column=margin_ratio&filter-operator=between&filter-value=10% and 20&filter-column=colour&filter-operator=is&filter-value=Red"
    query = read_query(TOYS, QueryDict(typed))
    assert [float(value) for value in query.filters[0].value] == [0.1, 0.2]
    assert query.filters[1].value == "Red"


@pytest.mark.parametrize(
    ("numbers", "typed", "found", "shown"),
    [
        ("comma_point", "1,234.5", "1234.5", "1234.5"),
        ("point_comma", "1.234,5", "1234.5", "1234,5"),
        ("space_comma", "1 234,5", "1234.5", "1234,5"),
        ("comma_point", "1.2m", "1200000", "1200000"),
    ],
)
def test_limits_are_typed_and_shown_as_the_reader_writes_numbers(
    page_for: Shows, numbers: str, typed: str, found: str, shown: str
):
    token = number_format.set(numbers)
    try:
        context = page_for(urlencode(filter_fields("price_amount", "<=", typed)))
    finally:
        number_format.reset(token)
    assert context["query"].filters == (Filter("price_amount", "<=", found),)
    assert context["filters"][0].value == shown


def test_several_limits_with_decimal_commas_are_several(page_for: Shows):
    token = number_format.set("point_comma")
    try:
        context = page_for(urlencode(filter_fields("fun", "between", "0,25 and 0,5")))
    finally:
        number_format.reset(token)
    assert context["page"].total == 251
    assert context["filters"][0].value == "0,25; 0,5"


def test_a_filter_of_nought_keeps_its_nought_in_the_address(page_for: Shows):
    assert "colour%7C%3D%7C0" in page_for("filter=colour|=|0")["address"]
    assert page_for(page_for("filter=colour|=|0")["address"])["page"].total == 334


def test_problems_are_told_on_the_page_with_what_was_typed(page_for: Shows):
    context = page_for("filter-column=fun&filter-operator=>&filter-value=plenty")
    assert [problem.message for problem in context["problems"]] == ["Fun: expected a number, got plenty."]
    assert context["filters"][0].value == "plenty"
    assert "These rows cannot be shown" in render_to_string("tables/fragments/explorer.html", context)


def test_nothing_found_says_what_to_do(page_for: Shows):
    text = render_to_string("tables/fragments/explorer.html", page_for("filter=number|<|0"))
    assert "No row passes these filters" in text
    assert "There is no such page" in render_to_string("tables/fragments/explorer.html", page_for("page=99"))


def test_an_empty_address_is_the_table_as_its_room_shows_it():
    assert query_from_params(QueryDict("")) == Query()
    assert TOYS.filled(Query()) == Query(("number", "name", "price_amount"), (), (Sort("number"),))


def test_each_figure_by_two_columns_leads_to_its_rows_and_the_view_keeps_them(page_for: Shows, sponsor: User):
    typed = {
        "pivot-rows": "colour",
        "pivot-columns": "is_sold",
        "pivot-measure": "median",
        "pivot-value": "margin_ratio",
    }
    context = page_for(urlencode([*typed.items(), ("filter", "margin_ratio|<|0.5"), ("size", "25")]))
    pivot = context["pivot"]
    assert pivot.title == "Median margin, by colour and sold"
    assert [each.text for each in pivot.columns] == ["No", "Yes"]
    seen = 0
    for heading, cells in pivot.rows:
        assert page_for(heading.address)["page"].total == heading.count == sum(each.count for each in cells)
        for each in cells:
            rows = page_for(each.address)
            assert rows["pivot"] is None
            assert rows["page"].total == each.count
            seen += each.count
    assert seen == 500
    view = save_view(by=sponsor, kind="toys", name="By colour", address=context["address"])
    assert page_for(view.query)["pivot"] == pivot
    assert "Median margin, by colour and sold" in render_to_string("tables/fragments/explorer.html", context)


def test_a_pivot_that_cannot_be_is_told_instead_of_rows(page_for: Shows):
    context = page_for("pivot=colour|margin_ratio")
    assert [problem.place for problem in context["problems"]] == ["pivot"]
    assert (context["page"], context["pivot"], context["rows"]) == (None, None, [])
