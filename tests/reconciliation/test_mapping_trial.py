"""A mapping tried: a sample read as it is typed, and what a draft would change of the files that came."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from reconciliation.mapping_trial import ROW, files_tried, first_sample, read_sample
from reconciliation.models import BookRecord, MappingTemplate, ReceivedFile
from records.services import copy_version

LINE = "TRD|000001|ANF0046|00502|ZNU6|(30)|111-305|06/15/2026|06/16/2026|USD"

pytestmark = pytest.mark.django_db


def draft_of(day: SimpleNamespace, by: User, field: str, **changes: str) -> MappingTemplate:
    """The next version of broker C's mapping, with one field read otherwise."""
    draft: MappingTemplate = copy_version(by=by, version=day.files[1].mapping)
    content = deepcopy(draft.content)
    for row in content["fields"]:
        if row["field"] == field:
            row.update(changes)
    draft.content = content
    draft.save()
    return draft


def test_a_sample_is_read_field_by_field(day: SimpleNamespace):
    found = read_sample(day.files[1].mapping, LINE)
    cells = dict(zip(found.columns, found.records[0], strict=True))
    # 111-305 is 111 and 30.5 thirty-seconds: 111.953125.
    assert (cells["price"], cells["quantity"], cells["side"]) == ("111.953125", "30", "SELL")
    assert (cells["trade_date"], cells["symbol"], cells["expiry"]) == ("2026-06-15", "ZN", "202609")
    assert (found.count, found.problems) == (1, ())


def test_what_a_sample_lacks_is_said_and_the_rest_is_read(day: SimpleNamespace):
    found = read_sample(day.files[1].mapping, f"{LINE}\n{LINE.replace('111-305', 'high')}")
    assert found.count == 1
    assert ["price" in problem.place or "high" in problem.message for problem in found.problems] == [True]
    assert read_sample(day.files[1].mapping, "").count == 0


def test_the_first_sample_is_of_the_last_file(day: SimpleNamespace):
    lines = first_sample(day.files[1].mapping).splitlines()
    assert len(lines) == 5
    assert LINE in lines
    ReceivedFile.objects.filter(pk=day.files[1].pk).update(source=day.ours)
    assert first_sample(day.files[1].mapping).splitlines()[0] == LINE  # of its own test row


def test_the_version_in_force_changes_nothing(day: SimpleNamespace):
    [tried] = files_tried(day.files[1].mapping)
    assert tried.is_same
    assert (tried.records_before, tried.records_after, tried.change_count) == (7, 7, 0)


def test_a_field_read_otherwise_is_told_record_by_record(day: SimpleNamespace, admin: User):
    [tried] = files_tried(draft_of(day, admin, "settle_date", path="#8"))
    assert {(each.field, each.before, each.after) for each in tried.changes} == {
        ("settle_date", "2026-06-16", "2026-06-15"),
        ("settle_date", "2026-06-12", "2026-06-11"),
        ("settle_date", "2026-06-15", "2026-06-12"),
    }
    assert tried.change_count == 7
    assert BookRecord.objects.filter(file=day.files[1]).count() == 7  # nothing of it is kept


def test_rows_that_are_not_read_any_more_are_told(day: SimpleNamespace, admin: User):
    [tried] = files_tried(draft_of(day, admin, "price", path="#4", format="32nds"))
    assert (tried.records_before, tried.records_after) == (7, 0)
    assert tried.refused_after == 7 or tried.problems
    assert {(each.field, each.after) for each in tried.changes} == {(ROW, "not read")}


def test_the_page_and_the_sample_that_follows_typing(day: SimpleNamespace, admin: User, client: Client):
    draft = draft_of(day, admin, "settle_date", path="#8")
    client.force_login(admin)
    url = reverse("mapping-trial", args=[draft.code])
    page = client.get(url).content.decode()
    assert "7 changes" in page
    assert LINE in page.replace("&#x27;", "'")
    fragment = client.post(url, {"sample": LINE}).content.decode()
    assert "111.953125" in fragment
    assert "<html" not in fragment
    editor = client.get(draft.admin_url()).content.decode()
    assert "111.953125" in editor
    assert url in editor
    assert client.get(reverse("mapping-trial", args=[day.files[1].code])).status_code == 404
