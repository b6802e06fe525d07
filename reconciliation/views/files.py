"""Files: the inbox where they are dropped, and one file with what was read and what was refused."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.errors import Problem
from lib.errors import Invalid
from lib.storage import content_of
from reconciliation.access import LOAD, get, require_may, require_see
from reconciliation.forms import UploadForm
from reconciliation.models import FileState, ReceivedFile
from reconciliation.services.receive_file import receive_file

FILES_ON_A_PAGE, RECORDS_SHOWN, LINES_SHOWN = 50, 200, 60
MOST_SHOWN_BYTES = 20_000


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: PersonRequest) -> HttpResponse:
    """The inbox: what came, newest first, and the form that takes more."""
    require_see(request.user)
    form = UploadForm()
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_may(request.user, LOAD)
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                return _taken(request, form)
            except Invalid as error:
                problems = error.problems
    found = ReceivedFile.objects.select_related("source", "received_by")
    if state := request.GET.get("state", ""):
        found = found.filter(state=state)
    context = {
        "section": "reconciliation",
        "form": form if may(request.user, LOAD) else None,
        "problems": problems,
        "page": Paginator(found, FILES_ON_A_PAGE).get_page(request.GET.get("page")),
        "states": FileState.choices,
        "state": state,
    }
    return render(request, "reconciliation/files.html", context, status=400 if problems or form.errors else 200)


def _taken(request: PersonRequest, form: UploadForm) -> HttpResponse:
    balances = form.cleaned_data["balances"]
    told = balances.read() if balances else None
    rows = [
        row
        for file in form.cleaned_data["file"]
        for row in receive_file(
            by=request.user,
            source=form.cleaned_data["source"],
            name=file.name or "file",
            content=file.read(),
            business_date=form.cleaned_data["business_date"],
            balances=told,
        )
    ]
    refused = sum(row.state == FileState.REFUSED for row in rows)
    records = sum(row.record_count for row in rows)
    said = f"{len(rows)} files, {records} records" if len(rows) != 1 else f"{rows[0].name}: {records} records"
    messages.info(request, f"{said}{f'; {refused} refused' if refused else ''}.")
    return redirect("recon-file", rows[0].code) if len(rows) == 1 else redirect("recon-files")


@signed_in
@require_safe
def file(request: PersonRequest, code: UUID) -> HttpResponse:
    """One file: as it came, what was read from it, what was not and why."""
    row = get(request.user, ReceivedFile.objects.select_related("source", "mapping", "received_by"), code)
    records = list(row.records.all()[:RECORDS_SHOWN])
    columns = list(dict.fromkeys(name for record in records for name in record.values))
    context = {
        "section": "reconciliation",
        "file": row,
        "columns": columns,
        "lines": [
            (record.name.rpartition("#")[2], [record.values.get(name, "") for name in columns]) for record in records
        ],
        "raw": _raw(row),
        "has_fields": row.extracted_fields.exists(),
    }
    return render(request, "reconciliation/file.html", context)


def _raw(row: ReceivedFile) -> list[tuple[int, str]]:
    """The first lines as text; nothing of what is no text."""
    content = content_of(row.sha256, most_bytes=MOST_SHOWN_BYTES)
    if content.startswith((b"%PDF", b"PK", b"\x1f\x8b")):
        return []
    encoding = row.mapping.terms().encoding if row.mapping else "utf-8"
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if is_wide else encoding, errors="replace").replace(
        "\x00", "\N{REPLACEMENT CHARACTER}"
    )
    return list(enumerate(text.splitlines()[:LINES_SHOWN], start=1))


@signed_in_file
@require_safe
def file_content(request: PersonRequest, code: UUID) -> HttpResponse:
    """The bytes as they came, never shown by the browser."""
    row = get(request.user, ReceivedFile.objects.all(), code)
    answer = HttpResponse(content_of(row.sha256), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.sha256[:12]}"'
    return answer
