"""Workbooks out and in: the template, a project's export, the upload and what it came to."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.requests import PersonRequest, signed_in, signed_in_file
from lib.errors import Forbidden, Invalid, NotFound, UnreadableFile
from lib.numbers import whole_or_none
from projects.access import can_create, can_edit, get_project, require_edit
from projects.attachments.access import get_attachment
from projects.attachments.models import Attachment, Purpose
from projects.differences import compare_inputs
from projects.drafts import draft_of
from projects.forms.doors import DETAILED
from projects.forms.fields import field_name
from projects.models import Project
from projects.services import apply_workbook, create_from_workbook, keep_workbook
from projects.services.apply_workbook import read_kept_workbook
from projects.services.keep_draft import keep_draft
from projects.views.form_page import base_of, left_in_draft
from projects.workbook.read import Upload
from projects.workbook.write import Origin, write_workbook

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTHING_CHOSEN = UnreadableFile("no_file", "No file was chosen.", "Choose the workbook to upload.")


@signed_in
@require_safe
def workbook_template(request: PersonRequest) -> HttpResponse:
    """The empty template."""
    return _workbook(write_workbook(), "atlas-nexus-template.xlsx")


@require_safe
@signed_in_file
def project_workbook(request: PersonRequest, code: UUID) -> HttpResponse:
    """A project as a workbook."""
    project = get_project(request.user, code)
    content = write_workbook(project.title, project.inputs, Origin(project.code, project.version))
    return _workbook(content, f"{slugify(project.title)[:80] or 'project'}-v{project.version}.xlsx")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workbook_new(request: PersonRequest) -> HttpResponse:
    """The page that takes a workbook for a new project."""
    if not can_create(request.user):
        raise Forbidden("You may not enter projects.")
    if request.method != "POST":
        return _upload_page(request, None)
    try:
        file = _file_of(request)
        imported = create_from_workbook(by=request.user, name=file.name or "", stream=file)
    except Invalid as error:
        return _upload_page(request, None, error)
    _keep_refused(request, imported.project, imported.upload)
    return _to_report(request, imported.attachment)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workbook_upload(request: PersonRequest, code: UUID) -> HttpResponse:
    """The page that takes a workbook for a project there is; nothing changes before a look at the differences."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    if request.method != "POST":
        return _upload_page(request, project)
    try:
        file = _file_of(request)
        imported = keep_workbook(by=request.user, project=project, name=file.name or "", stream=file)
    except Invalid as error:
        return _upload_page(request, project, error)
    return _to_report(request, imported.attachment)


@signed_in
@require_safe
def workbook_report(request: PersonRequest, code: UUID) -> HttpResponse:
    """What a kept workbook says: problems by cell, and what it would change in its project."""
    attachment = _kept_workbook(request.user, code)
    return _report_page(request, attachment)


@signed_in
@require_POST
def workbook_apply(request: PersonRequest, code: UUID) -> HttpResponse:
    """The good values of a kept workbook taken over into its project."""
    attachment = _kept_workbook(request.user, code)
    require_edit(request.user, attachment.project)
    version = request.POST.get("version", "")
    try:
        upload = read_kept_workbook(attachment)
        project = apply_workbook(
            by=request.user,
            attachment=attachment,
            version=whole_or_none(version, 9) or 0,
        )
    except Invalid as error:
        return _report_page(request, attachment, error)
    messages.success(request, f"{attachment.name} was taken over.")
    _keep_refused(request, project, upload)
    return redirect("project-detail", project.code)


def _keep_refused(request: PersonRequest, project: Project, upload: Upload) -> None:
    """What stands in the cells that were not taken waits in the person's draft, each at its field with its fault."""
    refused = {field_name(place): text for place, text in upload.refused.items()}
    if refused:
        earlier = draft_of(request.user, project)
        typed = {**(earlier.typed if earlier else {}), **refused}
        base = earlier.base if earlier else base_of(project)
        keep_draft(by=request.user, project=project, door=DETAILED, typed=typed, base=base)
        messages.warning(request, left_in_draft(len(refused)))


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file_of(request: PersonRequest) -> "UploadedFile[bytes]":
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise NOTHING_CHOSEN
    return file


def _kept_workbook(user: User, code: UUID) -> Attachment:
    attachment = get_attachment(user, code)
    if attachment.purpose != Purpose.WORKBOOK:
        raise NotFound("There is no such workbook.")
    return attachment


def _upload_page(request: PersonRequest, project: Project | None, error: Invalid | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "projects",
        "project": project,
        "problems": error.problems if error else (),
        "most_mb": settings.ATLASNEXUS_WORKBOOK_MB,
        "help": f"An Excel workbook (.xlsx) made from the template, at most {settings.ATLASNEXUS_WORKBOOK_MB} MB.",
    }
    if request.htmx:  # the answer goes into the page that is open, whatever it says
        return render(request, "projects/fragments/upload_refusal.html", context)
    return render(request, "projects/workbook_upload.html", context, status=422 if error else 200)


def _to_report(request: PersonRequest, attachment: Attachment) -> HttpResponse:
    url = reverse("workbook-report", args=[attachment.code])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _report_page(request: PersonRequest, attachment: Attachment, error: Invalid | None = None) -> HttpResponse:
    project = attachment.project
    try:
        upload: Upload | None = read_kept_workbook(attachment)
    except UnreadableFile as refused:
        upload, error = None, refused
    changes = compare_inputs(project.inputs, upload.values).only_changed() if upload else None
    context = {
        "section": "projects",
        "project": project,
        "attachment": attachment,
        "upload": upload,
        "changes": changes,
        "is_renamed": bool(upload and upload.title and upload.title != project.title),
        "notes": _origin_notes(project, upload) if upload else (),
        "can_edit": can_edit(request.user, project),
        "problems": error.problems if error else (),
    }
    return render(request, "projects/workbook_report.html", context, status=422 if error else 200)


def _origin_notes(project: Project, upload: Upload) -> list[str]:
    """What to know of where the workbook comes from."""
    if upload.project_code and upload.project_code != str(project.code):
        return ["The workbook was exported from another project."]
    moved = upload.project_version is not None and upload.project_version < project.version
    if upload.project_code and moved:
        return ["The project was edited after this workbook was exported."]
    return []
