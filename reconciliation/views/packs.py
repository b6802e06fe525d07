"""Break packs: asked for from the queue, followed, taken away."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from jobs.access import may_cancel
from lib.errors import Invalid
from lib.verbs import refuse
from reconciliation.access import PACK, get, require_may, require_see
from reconciliation.models import Break, BreakPack, Recipient
from reconciliation.queries import FILTERS, codes_in
from reconciliation.services.request_break_pack import request_break_pack, take_break_pack

PACKS_SHOWN = 100
ZIP, LOCKED = "application/zip", "application/pgp-encrypted"


@signed_in
@require_safe
def packs(request: PersonRequest) -> HttpResponse:
    """The packs that were asked for, the latest first."""
    require_see(request.user)
    found = BreakPack.objects.select_related("requested_by")[:PACKS_SHOWN]
    return render(request, "reconciliation/packs.html", {"section": "reconciliation", "packs": found})


@signed_in
@require_POST
def pack_new(request: PersonRequest) -> HttpResponse:
    """A pack of what is ticked, or of the whole view where nothing is."""
    require_may(request.user, PACK)
    typed = dict(parse_qsl(request.POST.get("query", "")))
    filters = {name: typed[name] for name in FILTERS if typed.get(name)}
    ticked = codes_in(request.POST.getlist("of"))
    try:
        pack = request_break_pack(
            by=request.user,
            breaks=list(Break.objects.filter(code__in=ticked)) if ticked else (),
            filters={} if ticked else filters,
            format=request.POST.get("format", "csv"),
            with_files="with_files" in request.POST,
            recipient=_recipient(request.POST.get("recipient", "")),
        )
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("recon-breaks")
    return redirect("recon-pack", pack.code)


def _recipient(typed: str) -> Recipient | None:
    """Whom it is locked for; Invalid for nobody that is known, so that nothing leaves open by mistake."""
    if not typed:
        return None
    found = Recipient.objects.filter(code__in=codes_in([typed])).first()
    if found is None:
        raise refuse("recipient", "recipient", "Recipient: there is no such recipient.")
    return found


@signed_in
@require_safe
def pack(request: PersonRequest, code: UUID) -> HttpResponse:
    """One pack: its progress, then its parts."""
    row = get(request.user, BreakPack.objects.select_related("requested_by", "recipient"), code)
    context = {"section": "reconciliation", "pack": row, "may_cancel": may_cancel(request.user, row)}
    return render(request, "reconciliation/pack.html", context)


@signed_in_file
@require_safe
def pack_content(request: PersonRequest, code: UUID) -> HttpResponse:
    """The archive."""
    row = get(request.user, BreakPack.objects.all(), code)
    return sent_pack(row, take_break_pack(by=request.user, pack=row))


def sent_pack(row: BreakPack, content: bytes) -> HttpResponse:
    """The archive as a file to be kept."""
    told = {"Content-Disposition": f'attachment; filename="{row.name}"'}
    return HttpResponse(content, content_type=ZIP if row.name.endswith(".zip") else LOCKED, headers=told)
