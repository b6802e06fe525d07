"""The live model as a person takes it from the page of a financing."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from permutations.models import Run
from tests.financings.cast import opened

pytestmark = pytest.mark.django_db


def test_from_the_page_to_the_workbook(done: Run, sponsor: User, signed_in: Callable[[User], Client]):
    client = signed_in(sponsor)
    best, financing = done.top_results.order_by("rank")[0], opened(done)
    page = client.get(reverse("financing", args=[financing.code]))
    address = reverse("live-model", args=[financing.code])
    assert address in page.content.decode()
    response = client.get(address)
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="severn-gate-campus-40-mw-it-demo-model-{financing.content_hash[:8]}.xlsx"'
    )
    book = openpyxl.load_workbook(io.BytesIO(response.content), data_only=True, read_only=True)
    about = [row[1] for row in book["About"].iter_rows(values_only=True) if row[1]]
    assert done.project.title in about
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True) if row[0]}
    assert summary["Checks"] == "OK"
    assert summary["Day-one value"] == pytest.approx(best.metrics["day_one_value"], rel=1e-9)


def test_one_the_run_did_not_evaluate_is_not_there(done: Run, sponsor: User, signed_in: Callable[[User], Client]):
    response = signed_in(sponsor).get(f"/runs/{done.code}/permutations/{10**9}/model.xlsx")
    assert response.status_code == 404
