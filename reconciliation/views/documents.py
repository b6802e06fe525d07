"""A scanned document: its pages as pictures, what was recognised and how surely, to be accepted or corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.errors import Problem
from engine.reconciliation.lei import is_lei
from lib.errors import Invalid, NotFound
from lib.storage import content_of
from reconciliation.access import LOAD, get, require_may
from reconciliation.models import ExtractedField, FileState, ReceivedFile
from reconciliation.reading.outcome import Refused
from reconciliation.reading.scans import MOST_SCANNED_PAGES, page_picture
from reconciliation.services.accept_document import TITLES, Said, accept_document

LEI_LENGTH = 20


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: PersonRequest, code: UUID) -> HttpResponse:
    """The pages with every line that was recognised; posted, the document is accepted as it is said there."""
    row = get(request.user, ReceivedFile.objects.select_related("source"), code)
    lines = list(row.extracted_fields.all())
    if not lines:
        raise NotFound("Nothing was recognised on this file.")
    if request.method != "POST":
        return _page(request, row, lines)
    require_may(request.user, LOAD)
    said = _said(request, lines)
    try:
        accept_document(by=request.user, file=row, said=said)
    except Invalid as error:
        return _page(request, row, lines, said, error.problems)
    messages.success(request, f"{row.name} is read: its trade enters the runs of its day.")
    return redirect("recon-file", row.code)


def _said(request: PersonRequest, lines: Sequence[ExtractedField]) -> Said:
    posted, at = request.POST, [line.position for line in lines]
    typed = {name: text.strip() for name in TITLES if (text := posted.get(f"typed-{name}", "")).strip()}
    return Said(
        names={each: posted.get(f"name-{each}", "") for each in at},
        texts={each: posted.get(f"text-{each}", "") for each in at},
        seen=frozenset(each for each in at if f"seen-{each}" in posted),
        typed=typed,
    )


def _page(
    request: PersonRequest,
    row: ReceivedFile,
    lines: Sequence[ExtractedField],
    said: Said | None = None,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    names = {line.position: said.names[line.position] if said else line.name for line in lines}
    context = {
        "section": "reconciliation",
        "file": row,
        "pages": [_sheet(row, number, lines) for number in sorted({line.page for line in lines})],
        "lines": [_shown(line, names[line.position], said) for line in lines],
        "missing": [
            (name, title, said.typed.get(name, "") if said else "")
            for name, title in TITLES.items()
            if name not in names.values()
        ],
        "titles": TITLES.items(),
        "may_accept": row.state == FileState.CHECK and may(request.user, LOAD),
        "problems": problems,
    }
    return render(request, "reconciliation/document.html", context, status=422 if problems else 200)


def _shown(line: ExtractedField, name: str, said: Said | None) -> dict[str, Any]:
    text = said.texts[line.position] if said else line.accepted or line.text
    is_broken = name == "uti" and not is_lei(text[:LEI_LENGTH])
    return {
        "line": line,
        "number": line.position + 1,
        "name": name,
        "text": text,
        "is_seen": said is not None and line.position in said.seen,
        "note": "The check digits of its LEI do not hold." if is_broken else "",
    }


def _sheet(row: ReceivedFile, number: int, lines: Sequence[ExtractedField]) -> dict[str, Any]:
    """A page with the boxes of its lines, in points."""
    _, width, height = page_picture(content_of(row.sha256), number)
    boxes = [
        {
            "number": line.position + 1,
            "x": round(line.place[0]) - 2,
            "y": round(line.place[1]) - 2,
            "width": round(line.place[2] - line.place[0]) + 4,
            "height": round(line.place[3] - line.place[1]) + 4,
            "asks": line.asks,
        }
        for line in lines
        if line.page == number
    ]
    return {"number": number, "width": round(width), "height": round(height), "boxes": boxes}


@signed_in_file
@require_safe
def page_image(request: PersonRequest, code: UUID, number: int) -> HttpResponse:
    """A page as a picture."""
    row = get(request.user, ReceivedFile.objects.all(), code)
    if number > MOST_SCANNED_PAGES or not row.extracted_fields.exists():
        raise NotFound("There is no such page.")
    try:
        picture, _, _ = page_picture(content_of(row.sha256), number)
    except Refused as refusal:
        raise NotFound(str(refusal)) from refusal
    return HttpResponse(picture, content_type="image/png")
