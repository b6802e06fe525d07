"""Whom files are locked for."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from reconciliation.access import DELIVER, get, require_may
from reconciliation.forms import RecipientForm
from reconciliation.models import Recipient
from reconciliation.services.save_recipient import end_recipient, save_recipient


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def recipients(request: PersonRequest) -> HttpResponse:
    """All of them, and the form of a new one; what locks is never shown again."""
    require_may(request.user, DELIVER)
    form, problems = RecipientForm(), tuple[Problem, ...]()
    if request.method == "POST":
        form = RecipientForm(request.POST)
        if form.is_valid():
            try:
                made = save_recipient(by=request.user, **form.cleaned_data)
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"Files can be locked for {made}.")
                return redirect("recon-recipients")
    context = {
        "section": "reconciliation",
        "recipients": Recipient.objects.all(),
        "form": form,
        "problems": problems,
    }
    return render(request, "reconciliation/recipients.html", context, status=400 if problems or form.errors else 200)


@signed_in
@require_POST
def recipient_end(request: PersonRequest, code: UUID) -> HttpResponse:
    """Nothing is locked for them any more."""
    end_recipient(by=request.user, recipient=get(request.user, Recipient.objects.all(), code))
    messages.success(request, "Nothing is locked for them any more.")
    return redirect("recon-recipients")
