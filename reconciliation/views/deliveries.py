"""What leaves the house by itself: set up, sent now, its log; the file of a try for those who were sent its link."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.storage import content_of
from reconciliation.access import DELIVER, get, require_may
from reconciliation.forms import DeliveryForm
from reconciliation.models import DeliveryTry, ScheduledDelivery
from reconciliation.services.save_delivery import end_delivery, save_delivery, send_now

TRIES_SHOWN = 50
RELATED = ("definition", "recipient", "channel__source", "saved_by")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def deliveries(request: PersonRequest) -> HttpResponse:
    """All of them, and the form of a new one."""
    require_may(request.user, DELIVER)
    return _page(request, ScheduledDelivery(), ScheduledDelivery.objects.select_related(*RELATED))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: PersonRequest, code: UUID) -> HttpResponse:
    """One of them, to be changed, with the log of its tries."""
    require_may(request.user, DELIVER)
    return _page(request, get(request.user, ScheduledDelivery.objects.select_related(*RELATED), code), None)


def _page(request: PersonRequest, row: ScheduledDelivery, listed: object) -> HttpResponse:
    is_new = row._state.adding
    form, problems = DeliveryForm(instance=row), tuple[Problem, ...]()
    if request.method == "POST":
        form = DeliveryForm(request.POST, instance=row)
        if form.is_valid():
            try:
                save_delivery(by=request.user, delivery=form.save(commit=False), people=form.cleaned_data["people"])
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"{row} leaves at {row.next_at:%-d %B %Y, %H:%M} UTC.")
                return redirect("recon-delivery", row.code)
    context = {
        "section": "reconciliation",
        "delivery": None if is_new else row,
        "deliveries": listed,
        "form": form,
        "tries": () if is_new else row.tries.select_related("requested_by")[:TRIES_SHOWN],
        "problems": problems,
    }
    return render(request, "reconciliation/deliveries.html", context, status=400 if problems or form.errors else 200)


@signed_in
@require_POST
def delivery_act(request: PersonRequest, code: UUID) -> HttpResponse:
    """Sent now, or ended."""
    row = get(request.user, ScheduledDelivery.objects.select_related("saved_by"), code)
    try:
        if request.POST.get("verb") == "end":
            end_delivery(by=request.user, delivery=row)
            messages.success(request, "Nothing leaves by it any more; its log stays.")
        else:
            send_now(by=request.user, delivery=row)
            messages.info(request, "It is being sent: load the page again in a moment.")
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("recon-delivery", row.code)


@signed_in_file
@require_safe
def delivery_content(request: PersonRequest, code: UUID) -> HttpResponse:
    """The file of a try, as it left."""
    return sent_try(get(request.user, DeliveryTry.objects.all(), code))


def sent_try(row: DeliveryTry) -> HttpResponse:
    """The file as one to be kept; NotFound where nothing was made."""
    if not row.sha256:
        raise NotFound("There is no file of this try.")
    told = {"Content-Disposition": f'attachment; filename="{row.name}"'}
    return HttpResponse(content_of(row.sha256), content_type="application/octet-stream", headers=told)
