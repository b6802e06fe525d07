"""Addresses of a table's page as queries."""

import pytest
from django.http import QueryDict

from lib.errors import Invalid
from tables.query import Filter, Query, Sort, query_from_params


def test_an_address_is_read_as_a_query():
    params = QueryDict(
        "column=index&column=score&filter=gate|=|Passed&filter=senior_dscr|in|1.2,1.5&filter=rank|is null"
        "&sort=-score&sort=index&page=3&size=20"
    )
    assert query_from_params(params) == Query(
        columns=("index", "score"),
        filters=(
            Filter("gate", "=", "Passed"),
            Filter("senior_dscr", "in", ["1.2", "1.5"]),
            Filter("rank", "is null", ""),
        ),
        sort=(Sort("score", True), Sort("index")),
        page=3,
        page_size=20,
    )
    assert query_from_params(QueryDict("")) == Query()


@pytest.mark.parametrize(
    "address", ["page=x", "page=1e3", "size=-1", "filter=gate", "page=٣", "page=99999999999999999999"]
)
def test_an_address_that_cannot_be_read_is_refused(address: str):
    with pytest.raises(Invalid):
        query_from_params(QueryDict(address))
