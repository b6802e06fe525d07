"""Files kept with a project: the list, the upload, the download, the deletion."""

from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from lib.errors import NotFound, UnreadableFile
from lib.storage import open_content
from projects.access import can_edit, get_project, require_edit
from projects.attachments.access import get_attachment, kept_attachments
from projects.attachments.names import clean_name
from projects.models import Project
from projects.services import attach_file, delete_attachment


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file of an upload."""

    name: str
    problem: str = ""


@signed_in
@require_safe
def project_attachments(request: PersonRequest, code: UUID) -> HttpResponse:
    """The files of a project."""
    return _page(request, get_project(request.user, code))


@signed_in
@require_POST
def attachment_add(request: PersonRequest, code: UUID) -> HttpResponse:
    """The files of an upload, each kept or refused by itself."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    outcomes = [_kept(request, project, file.name or "", file) for file in request.FILES.getlist("files")]
    if not outcomes:
        outcomes = [Outcome("", "No file was chosen. Choose one or more files, or drop them on the field.")]
    refused = [outcome for outcome in outcomes if outcome.problem]
    if request.htmx or refused:
        return _page(request, project, outcomes)
    messages.success(request, f"{len(outcomes)} file{'' if len(outcomes) == 1 else 's'} added.")
    return redirect("project-attachments", project.code)


@require_safe
@signed_in_file
def attachment_download(request: PersonRequest, code: UUID) -> HttpResponseBase:
    """The file, to be saved: no browser shows or runs it in the portal's name."""
    attachment = get_attachment(request.user, code)
    try:
        content = open_content(attachment.content_hash)
    except FileNotFoundError:
        raise NotFound("The content of this file is missing in the storage: tell the administrator.") from None
    response = FileResponse(content, as_attachment=True, filename=attachment.name)
    response.headers["Content-Type"] = attachment.content_type
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@signed_in
@require_POST
def attachment_delete(request: PersonRequest, code: UUID) -> HttpResponse:
    """The file deleted."""
    attachment = delete_attachment(by=request.user, attachment=get_attachment(request.user, code))
    if request.htmx:
        return _page(request, attachment.project)
    messages.success(request, f"{attachment.name} was deleted.")
    return redirect("project-attachments", attachment.project.code)


def _kept(request: PersonRequest, project: Project, name: str, stream: IO[bytes]) -> Outcome:
    try:
        attach_file(by=request.user, project=project, name=name, stream=stream)
    except UnreadableFile as refused:
        return Outcome(clean_name(name), refused.sentence)
    return Outcome(clean_name(name))


def _page(request: PersonRequest, project: Project, outcomes: list[Outcome] | None = None) -> HttpResponse:
    kept = kept_attachments(project)
    context = {
        "section": "projects",
        "project": project,
        "attachments": kept,
        "size_bytes": sum(attachment.size_bytes for attachment in kept),
        "outcomes": outcomes or [],
        "can_edit": can_edit(request.user, project),
        "accept": ",".join(f".{suffix}" for suffix in settings.ATLASNEXUS_ATTACHMENT_TYPES),
        "types_text": _types_text(),
        "most_mb": settings.ATLASNEXUS_ATTACHMENT_MB,
        "project_mb": settings.ATLASNEXUS_ATTACHMENTS_MB,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "projects/fragments/attachment_list.html", context)
    refused = any(outcome.problem for outcome in outcomes or [])
    return render(request, "projects/attachments.html", context, status=422 if refused else 200)


def _types_text() -> str:
    """What may be added, in words."""
    types = ", ".join(settings.ATLASNEXUS_ATTACHMENT_TYPES)
    return f"{types}; at most {settings.ATLASNEXUS_ATTACHMENT_MB} MB a file."
