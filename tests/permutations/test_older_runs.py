"""A run of before a column was there is read as it is: what it does not hold is empty, and nothing fails for it."""

from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.models import Part
from permutations.files import RunFiles
from permutations.integrity import FILES
from permutations.models import Run

pytestmark = pytest.mark.django_db

LATER = ("after_tax_dscr_minimum", "after_tax_dscr_average", "after_tax_rating_notch", "after_tax_irr_rate")
SignIn = Callable[[User], Client]


@pytest.fixture
def older(done: Run) -> Run:
    """The run with the columns of its files as they were before tax was one of them, and without hashes of its files."""
    for path in RunFiles(done.code).folder.iterdir():
        table = pq.read_table(path)
        held = [name for name in LATER if name in table.column_names]
        if held:
            pq.write_table(table.drop_columns(held), path)
    for part in Part.objects.filter(job=done.code):
        part.counts.pop(FILES, None)
        part.save()
    done.summary.pop(FILES, None)
    done.save(update_fields=["summary"])
    return done


def first_two(run: Run) -> list[int]:
    return list(run.top_results.order_by("rank").values_list("permutation_index", flat=True)[:2])


@pytest.mark.parametrize("name", ["run-detail", "results", "run-best"])
def test_the_pages_of_an_older_run_open(older: Run, sponsor: User, signed_in: SignIn, name: str):
    assert signed_in(sponsor).get(reverse(name, args=[older.code])).status_code == 200


def test_its_permutations_open_as_financings_and_are_compared(older: Run, sponsor: User, signed_in: SignIn):
    client, indices = signed_in(sponsor), first_two(older)
    page = client.get(reverse("permutation", args=[older.code, indices[0]]), follow=True)
    assert page.status_code == 200
    assert page.request["PATH_INFO"].startswith("/financings/")
    compared = client.get(reverse("run-compare", args=[older.code]), {"index": indices}, follow=True)
    assert compared.status_code == 200


def test_a_column_that_it_does_not_hold_is_said_where_it_is_asked_for(older: Run, sponsor: User, signed_in: SignIn):
    asked = {"column": ["senior_amount", "after_tax_irr_rate"]}
    page = signed_in(sponsor).get(reverse("results", args=[older.code]), asked)
    assert page.status_code < 500
    assert "This table has no column" in page.content.decode()
