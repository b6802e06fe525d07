"""Workbooks through the pages: out, in, problems by cell, differences before anything changes."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from lib.storage import open_content
from projects.attachments.models import Attachment
from projects.models import Project, ProjectDraft, Status
from projects.services import create_project, edit_project, keep_workbook
from projects.services.keep_draft import keep_draft
from projects.views.form_page import base_of
from projects.workbook.write import Origin, write_workbook
from tests.projects.cast import put, sound_inputs
from tests.projects.workbooks import SHEETS, address, part, reading, saved, sound_workbook, typed, with_parts

SignedIn = Callable[[User], Client]


@pytest.fixture
def project(sponsor: User) -> Project:
    """Sofia's."""
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def upload(client: Client, content: bytes, project: Project | None = None, name: str = "quay.xlsx") -> Any:
    url = reverse("workbook-upload", args=[project.code]) if project else reverse("workbook-new")
    return client.post(url, {"file": SimpleUploadedFile(name, content)}, follow=True)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def two_faults() -> bytes:
    return typed("credit.tenant_rating", "A++", typed("power.pue", "1,9"))


def test_the_template_and_a_project_are_taken_away(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    template = client.get(reverse("workbook-template"))
    assert template.headers["Content-Disposition"] == 'attachment; filename="atlas-nexus-template.xlsx"'
    export = client.get(reverse("project-workbook", args=[project.code]))
    assert export.headers["Content-Disposition"] == 'attachment; filename="quay-v1.xlsx"'
    found = reading(export.content)
    assert (found.values, found.project_code, found.project_version) == (project.inputs, str(project.code), 1)


def test_a_sound_workbook_becomes_a_project(signed_in: SignedIn, sponsor: User) -> None:
    content = sound_workbook("Quay Street")
    response = upload(signed_in(sponsor), content)
    project = Project.objects.get()
    assert (project.title, project.status, project.owner) == ("Quay Street", Status.ACTIVE, sponsor)
    assert "Every cell was read and is accepted." in text_of(response)
    kept = Attachment.objects.get()
    assert (kept.project, kept.purpose, kept.name) == (project, "workbook", "quay.xlsx")
    with open_content(kept.content_hash) as stream:
        assert stream.read() == content


def test_faults_are_told_by_cell_and_the_rest_is_kept(signed_in: SignedIn, sponsor: User) -> None:
    response = upload(signed_in(sponsor), two_faults())
    project = Project.objects.get()
    assert project.status == Status.DRAFT
    assert project.inputs["power"] == {"gross_facility_mw": sound_inputs()["power"]["gross_facility_mw"]}
    page = text_of(response)
    assert "2 cells to correct" in page
    assert f"Inputs!{address('power.pue')}" in page
    assert "PUE: expected 0.95 to 1.5, got 1.9." in page
    assert f"Inputs!{address('credit.tenant_rating')}" in page


def test_nothing_changes_before_it_is_taken_over(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    content = write_workbook("Quay 2", put(sound_inputs(), "power.pue", 1.3))
    page = text_of(upload(client, content, project))
    project.refresh_from_db()
    assert (project.version, project.title) == (1, "Quay")
    assert "What it would change" in page
    assert "1.3" in page
    kept = Attachment.objects.get()
    response = client.post(reverse("workbook-apply", args=[kept.code]), {"version": "1"}, follow=True)
    assert response.redirect_chain[0][0] == reverse("project-detail", args=[project.code])
    project.refresh_from_db()
    assert (project.version, project.title, project.inputs["power"]["pue"]) == (2, "Quay 2", 1.3)
    assert AuditEntry.objects.filter(action="project.edited", target_code=project.code).exists()
    again = text_of(client.get(reverse("workbook-report", args=[kept.code])))
    assert "The project holds every value that could be read" in again


def test_a_cell_to_mend_leaves_the_project_sound(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    upload(client, typed("lease.term_years", 20, two_faults()), project)
    kept = Attachment.objects.get()
    client.post(reverse("workbook-apply", args=[kept.code]), {"version": "1"})
    project.refresh_from_db()
    assert project.status == Status.ACTIVE
    assert (project.inputs["lease"]["term_years"], project.inputs["power"]["pue"]) == (20, 1.2)


def test_what_was_not_taken_waits_in_the_draft(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    """At its field with its fault, beside what the draft held already; sound workbooks leave no draft."""
    client = signed_in(sponsor)
    upload(client, two_faults(), project)
    keep_draft(by=sponsor, project=project, door="detailed", typed={"title": "Quay III"}, base=base_of(project))
    kept = Attachment.objects.get()
    page = client.post(reverse("workbook-apply", args=[kept.code]), {"version": "1"}, follow=True)
    assert "2 entries were invalid and stayed in your draft" in text_of(page)
    draft = ProjectDraft.objects.get()
    assert (draft.typed["title"], draft.typed["power__pue"]) == ("Quay III", "1.9")
    assert set(draft.typed) == {"title", "power__pue", "credit__tenant_rating"}
    form = client.get(reverse("project-edit", args=[project.code]))
    assert form.context["form"]["power__pue"].value() == "1.9"
    assert "PUE: expected 0.95 to 1.5, got 1.9." in text_of(form)


def test_so_it_does_for_a_new_project(signed_in: SignedIn, sponsor: User) -> None:
    upload(signed_in(sponsor), two_faults())
    assert set(ProjectDraft.objects.get(project=Project.objects.get()).typed) == {"power__pue", "credit__tenant_rating"}


def test_a_sound_workbook_leaves_no_draft(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    upload(client, write_workbook("Quay", sound_inputs()), project)
    client.post(reverse("workbook-apply", args=[Attachment.objects.get().code]), {"version": "1"})
    assert not ProjectDraft.objects.exists()


def test_who_came_second_is_told(signed_in: SignedIn, sponsor: User, admin: User, project: Project) -> None:
    client = signed_in(sponsor)
    upload(client, write_workbook("Quay", put(sound_inputs(), "power.pue", 1.3)), project)
    kept = Attachment.objects.get()
    edit_project(by=admin, project=project, title="Theirs", inputs=sound_inputs(), version=1)
    response = client.post(reverse("workbook-apply", args=[kept.code]), {"version": "1"})
    assert response.status_code == 422
    assert "Somebody saved this project after you opened it" in text_of(response)
    project.refresh_from_db()
    assert (project.title, project.version) == ("Theirs", 2)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "\u0661"])
def test_a_version_that_is_none_is_told(signed_in: SignedIn, sponsor: User, project: Project, version: str) -> None:
    kept = keep_workbook(by=sponsor, project=project, name="a.xlsx", stream=BytesIO(sound_workbook())).attachment
    response = signed_in(sponsor).post(reverse("workbook-apply", args=[kept.code]), {"version": version})
    assert response.status_code == 422


def test_where_it_comes_from_is_told(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    other = create_project(by=sponsor, title="Other", inputs=sound_inputs())
    foreign = write_workbook("Quay", project.inputs, Origin(other.code, 1))
    assert "exported from another project" in text_of(upload(signed_in(sponsor), foreign, project))
    own = write_workbook("Quay", project.inputs, Origin(project.code, 1))
    edit_project(by=sponsor, project=project, title="Quay", inputs=sound_inputs(), version=1)
    assert "The project was edited after this workbook was exported." in text_of(
        upload(signed_in(sponsor), own, project)
    )


def test_hostile_text_is_shown_as_text(signed_in: SignedIn, sponsor: User) -> None:
    title = "<script>alert(1)</script>"
    book = openpyxl.load_workbook(BytesIO(typed("credit.tenant_rating", "<img src=x onerror=alert(1)>")))
    book["Inputs"][address("title")] = title
    book["Inputs"].title = "<b>Sheet<b>"
    page = text_of(upload(signed_in(sponsor), saved(book), name="<i>.xlsx"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>Sheet" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_refusals_say_what_to_do(signed_in: SignedIn, sponsor: User, settings: LazySettings) -> None:
    client = signed_in(sponsor)
    response = client.post(reverse("workbook-new"))
    assert response.status_code == 422
    assert "Choose the workbook to upload." in text_of(response)
    settings.ATLASNEXUS_WORKBOOK_MB = 0
    response = upload(client, sound_workbook())
    assert (response.status_code, Project.objects.count()) == (422, 0)
    assert "Expected a workbook of at most 0 MB" in text_of(response)


def test_a_fragment_answers_a_script(signed_in: SignedIn, sponsor: User) -> None:
    client = signed_in(sponsor)
    headers = {"HX-Request": "true"}
    refused = client.post(reverse("workbook-new"), {"file": SimpleUploadedFile("a.xlsx", b"x")}, headers=headers)
    assert refused.status_code == 200
    assert "<html" not in text_of(refused)
    taken = client.post(
        reverse("workbook-new"), {"file": SimpleUploadedFile("a.xlsx", sound_workbook())}, headers=headers
    )
    assert taken.headers["HX-Redirect"] == reverse("workbook-report", args=[Attachment.objects.get().code])


def test_a_document_is_no_workbook(signed_in: SignedIn, sponsor: User, project: Project) -> None:
    client = signed_in(sponsor)
    client.post(reverse("attachment-add", args=[project.code]), {"files": SimpleUploadedFile("a.txt", b"a")})
    kept = Attachment.objects.get()
    assert client.get(reverse("workbook-report", args=[kept.code])).status_code == 404
    assert client.post(reverse("workbook-apply", args=[kept.code]), {"version": "1"}).status_code == 404


SOUND = sound_workbook()
SHEET = part(SOUND, SHEETS["Inputs"]).decode()


class Sample(bytes):
    """A file whose bytes nobody wants to read in a report."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes: {bytes(self[:40])!r}>"


FILES = st.one_of(
    st.binary(max_size=500),
    st.binary(max_size=500).map(lambda tail: b"PK\x03\x04" + tail),
    st.integers(0, len(SOUND)).map(lambda cut: SOUND[:cut]),
    st.tuples(st.integers(0, len(SHEET)), st.text(max_size=50)).map(
        lambda cut: with_parts(SOUND, {SHEETS["Inputs"]: (SHEET[: cut[0]] + cut[1]).encode("utf-8", "replace")})
    ),
    st.sampled_from(["title", "country", "power.pue", "construction.start_date", "meta.sponsor_name"]).flatmap(
        lambda place: st.one_of(st.text(st.characters(min_codepoint=32, codec="utf-8"), max_size=300), st.floats(allow_nan=False, allow_infinity=False)).map(
            lambda value: typed(place, value, SOUND)
        )
    ),
).map(Sample)  # fmt: skip
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=80).filter(
    lambda name: name not in {".", ".."}  # no client sends them as the name of a file
)


@given(content=FILES, name=NAMES, is_new=st.booleans())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_whatever_is_uploaded_there_is_an_answer(
    signed_in: SignedIn, sponsor: User, project: Project, content: bytes, name: str, is_new: bool
) -> None:
    response = upload(signed_in(sponsor), content, None if is_new else project, name)
    assert response.status_code in {200, 400, 422}  # 400: the framework's, for a name that it does not let through
    page = text_of(response)
    assert "Traceback" not in page
    assert "site-packages" not in page
    if response.status_code == 422:
        assert "was not taken" in page or "Choose the workbook" in page


def test_other_peoples_codes_are_not_there(signed_in: SignedIn, other_sponsor: User, project: Project) -> None:
    client = signed_in(other_sponsor)
    kept = keep_workbook(by=project.owner, project=project, name="a.xlsx", stream=BytesIO(SOUND)).attachment
    assert upload(client, SOUND, project).status_code == 404
    for name, code in (
        ("project-workbook", project.code),
        ("workbook-report", kept.code),
        ("attachment-download", kept.code),
    ):
        assert client.get(reverse(name, args=[code])).status_code == 404
    for name in ("workbook-apply", "attachment-delete"):
        assert client.post(reverse(name, args=[kept.code]), {"version": "1"}).status_code == 404
    project.refresh_from_db()
    assert project.version == 1
