"""The templates of documents: which are in use, taken away, replaced, restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from documents.access import require_can_make
from documents.forms import TemplateForm
from documents.models import DocumentTemplate
from documents.sending import sent
from documents.services.replace_template import replace_template
from documents.services.restore_template import restore_template
from lib.errors import Invalid, NotFound, UnreadableFile
from lib.storage import content_of
from projects.attachments.contents import KINDS as FILE_KINDS
from projects.attachments.names import suffix_of

if TYPE_CHECKING:
    from documents.kinds.kind import DocumentKind, Template


@dataclass(frozen=True, slots=True)
class Line:
    """A kind on the page: the house's file, and for each organisation its versions, newest first."""

    code: str
    title: str
    filename: str
    owners: tuple[tuple[str, tuple[DocumentTemplate, ...]], ...]
    problem: str = ""

    @property
    def suffix(self) -> str:
        """What a replacement's name must end in."""
        return f".{suffix_of(self.filename)}" if self.filename else ""


@signed_in
@require_safe
def templates(request: PersonRequest) -> HttpResponse:
    """Every kind with its template in use, and what was in use before."""
    require_can_make(request.user)
    return _page(request)


@require_safe
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The house's template of a kind, or a version of another one, to be saved."""
    if not request.user.is_authenticated:
        return HttpResponse("Sign in to take the file away.", status=401)
    require_can_make(request.user)
    found = _kind(kind)
    if found.template is None:
        raise NotFound("This kind of document has no template.")
    row = _version(kind, request.GET.get("version", ""))
    content = content_of(row.content_hash) if row else found.template.path.read_bytes()
    name = row.filename if row else found.template.path.name
    known = FILE_KINDS.get(suffix_of(name))
    return sent(content, known.content_type if known else "application/octet-stream", f"{kind}-{name}")


@signed_in
@require_POST
def template_replace(request: PersonRequest, kind: str) -> HttpResponse:
    """A template taken into use, or refused with the reason."""
    require_can_make(request.user)
    found, form, upload = _kind(kind), TemplateForm(request.POST), request.FILES.get("file")
    if not form.is_valid():
        return _page(request, kind, " ".join(map(str, form.errors["organisation"])))
    if upload is None:
        return _page(request, kind, "No file was chosen.")
    organisation = form.cleaned_data["organisation"]
    try:
        row = replace_template(
            by=request.user,
            kind=found,
            organisation=organisation,
            name=upload.name or "",
            stream=upload,
        )
    except UnreadableFile as refused:
        return _page(request, kind, refused.sentence)
    except Invalid as refused:
        return _page(request, kind, str(refused))
    messages.success(request, f"{found.title}: version {row.version} is in use.")
    return redirect("document-templates")


@signed_in
@require_POST
def template_restore(request: PersonRequest, kind: str) -> HttpResponse:
    """An earlier version, or the house's own, in use again."""
    require_can_make(request.user)
    found, form = _kind(kind), TemplateForm(request.POST)
    if not form.is_valid():
        return _page(request, kind, " ".join(map(str, form.errors["organisation"])))
    version = _version(kind, request.POST.get("version", ""))
    row = restore_template(by=request.user, kind=kind, organisation=form.cleaned_data["organisation"], version=version)
    whose = f"the content of version {version.version}" if version else "the house's own template"
    messages.success(request, f"{found.title}: version {row.version} is in use, {whose}.")
    return redirect("document-templates")


def _page(request: PersonRequest, kind: str = "", problem: str = "") -> HttpResponse:
    context = {
        "section": "packs",
        "lines": [_line(each, problem if each.code == kind else "") for each in _kinds()],
        "most_mb": settings.ATLASNEXUS_TEMPLATE_MB,
    }
    return render(request, "documents/templates.html", context, status=422 if problem else 200)


def _line(kind: DocumentKind, problem: str) -> Line:
    owners: dict[str, list[DocumentTemplate]] = {}
    for row in DocumentTemplate.objects.filter(kind=kind.code).select_related("added_by"):
        owners.setdefault(row.organisation, []).append(row)
    template: Template | None = kind.template
    name = template.path.name if template else ""
    return Line(kind.code, kind.title, name, tuple((who, tuple(rows)) for who, rows in owners.items()), problem)


def _kind(code: str) -> DocumentKind:
    found = next((kind for kind in _kinds() if kind.code == code), None)
    if found is None:
        raise NotFound("There is no such kind of document.")
    return found


def _kinds() -> tuple[DocumentKind, ...]:
    # Their libraries take seconds to load: whoever opens this page first waits for them, and not every web server.
    from documents import kinds

    return kinds.KINDS


def _version(kind: str, code: str) -> DocumentTemplate | None:
    """The version of this code; None where none is named, NotFound where there is none."""
    if not code:
        return None
    # A code is asked for as text: what is no UUID names no version.
    found = next((row for row in DocumentTemplate.objects.filter(kind=kind) if str(row.code) == code), None)
    if found is None or not found.content_hash:
        raise NotFound("There is no such version of the template.")
    return found
