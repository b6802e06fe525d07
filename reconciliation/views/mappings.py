"""A version of a mapping tried: on a sample beside its editor, and on the files that came."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, makes_nothing, signed_in
from lib.errors import NotFound
from reconciliation.access import require_see
from reconciliation.mapping_trial import SAMPLE_BYTES, files_tried, first_sample, left_out, read_sample
from reconciliation.models import MappingTemplate


@makes_nothing
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mapping_trial(request: PersonRequest, code: UUID) -> HttpResponse:
    """By GET the page, with what would change of the last files; by POST how a sample is read, as a fragment."""
    require_see(request.user)
    version = MappingTemplate.objects.filter(code=code).first()
    if version is None:
        raise NotFound("There is no such version of a mapping.")
    sample = request.POST.get("sample", "")[:SAMPLE_BYTES] if request.method == "POST" else first_sample(version)
    context = {"section": "reconciliation", "version": version, "sample": sample, "read": read_sample(version, sample)}
    if request.method == "POST":
        return render(request, "reconciliation/fragments/sample_read.html", context)
    tried = list(files_tried(version))
    return render(
        request, "reconciliation/mapping_trial.html", {**context, "tried": tried, "left_out": left_out(version)}
    )
