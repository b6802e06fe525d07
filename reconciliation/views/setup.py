"""Sources and definitions: who sends what, what is compared with what."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from reconciliation.access import CONFIGURE, LOAD, get, require_may, require_see
from reconciliation.fetching import fetch_now
from reconciliation.forms import ChannelForm, DefinitionForm, SourceForm
from reconciliation.models import Channel, Definition, Source
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.save_channel import end_channel, save_channel, try_channel
from reconciliation.services.save_source import save_source

FETCHES_SHOWN = 10


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sources(request: PersonRequest) -> HttpResponse:
    """Every source, and the form of a new one."""
    require_see(request.user)
    return _source_page(request, Source(), Source.objects.all())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: PersonRequest, code: UUID) -> HttpResponse:
    """One source, to be changed, with its channel."""
    return _source_page(request, get(request.user, Source.objects.all(), code), None)


def _source_page(request: PersonRequest, row: Source, listed: object) -> HttpResponse:
    form = SourceForm(instance=row)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_may(request.user, CONFIGURE)
        form = SourceForm(request.POST, instance=row)
        if form.is_valid():
            try:
                save_source(by=request.user, source=form.save(commit=False))
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"{row} is set up.")
                return redirect("recon-sources")
    return _source_shown(request, row, form, problems, listed=listed)


def _source_shown(
    request: PersonRequest,
    row: Source,
    form: SourceForm,
    problems: tuple[Problem, ...],
    channel_form: ChannelForm | None = None,
    listed: object = None,
) -> HttpResponse:
    """The page of a source, or of all where it is not there yet."""
    is_new, is_wrong = row._state.adding, problems or form.errors or (channel_form is not None and channel_form.errors)
    channel = None if is_new else _channel_of(row)
    may_configure = may(request.user, CONFIGURE)
    context = {
        "section": "reconciliation",
        "source": None if is_new else row,
        "sources": listed,
        "form": form if may_configure else None,
        "channel": channel if channel is not None and channel.pk else None,
        "channel_form": (channel_form or ChannelForm(instance=channel))
        if channel is not None and may_configure
        else None,
        "fetches": channel.fetches.all()[:FETCHES_SHOWN] if channel is not None and channel.pk else (),
        "may_fetch": may(request.user, LOAD),
        "problems": problems,
    }
    return render(request, "reconciliation/sources.html", context, status=400 if is_wrong else 200)


def _channel_of(row: Source) -> Channel:
    """The source's channel; a new one where it has none."""
    return Channel.objects.filter(source=row).first() or Channel(source=row)


@signed_in
@require_POST
def source_channel(request: PersonRequest, code: UUID) -> HttpResponse:
    """The channel of a source: saved, tried, fetched from now, taken away."""
    row = get(request.user, Source.objects.all(), code)
    verb, channel = request.POST.get("verb", "save"), _channel_of(row)
    require_may(request.user, LOAD if verb == "fetch" else CONFIGURE)
    form = ChannelForm(instance=channel)
    try:
        if verb == "save":
            form = ChannelForm(request.POST, instance=channel)
            if not form.is_valid():
                return _source_shown(request, row, SourceForm(instance=row), (), form)
            save_channel(by=request.user, channel=form.save(commit=False))
            messages.success(request, f"{channel} is set up.")
        elif channel.pk:
            _done(request, channel, verb)
    except Invalid as error:
        return _source_shown(request, row, SourceForm(instance=row), error.problems, form)
    return redirect("recon-source", row.code)


def _done(request: PersonRequest, channel: Channel, verb: str) -> None:
    if verb == "try":
        trial = try_channel(by=request.user, channel=channel)
        if trial.error:
            messages.error(request, f"No connection. {trial.error}")
        else:
            messages.success(request, f"The connection works: {trial.found_count} files of these names lie there.")
    elif verb == "fetch":
        fetch_now(by=request.user, channel=channel)
        messages.info(request, "Its files are being fetched: load the page again in a moment.")
    elif verb == "end":
        end_channel(by=request.user, channel=channel)
        messages.success(request, "The channel is gone; what was fetched stays.")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def definitions(request: PersonRequest) -> HttpResponse:
    """Every definition, and the form of a new one."""
    require_see(request.user)
    form = DefinitionForm()
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_may(request.user, CONFIGURE)
        form = DefinitionForm(request.POST)
        if form.is_valid():
            try:
                made = define_reconciliation(by=request.user, **form.cleaned_data)
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"{made} is set up.")
                return redirect("recon")
    context = {
        "section": "reconciliation",
        "definitions": Definition.objects.prefetch_related("sources"),
        "form": form if may(request.user, CONFIGURE) else None,
        "problems": problems,
    }
    return render(request, "reconciliation/definitions.html", context, status=400 if problems or form.errors else 200)
