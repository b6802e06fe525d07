"""Pages of the review: submitting a project, one submission with what it changes, withdrawing it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from lib.errors import Invalid
from projects.access import can_review, get_comment, get_project, get_submission, require_edit
from projects.comments import comments_on, input_label
from projects.differences import compare_inputs
from projects.models import NOTE_LENGTH, Project, Submission
from projects.plausible import unusual_in
from projects.reviews import can_withdraw, review_of
from projects.services import comment_on_submission, settle_comment, submit_project, withdraw_submission
from projects.translate import check_inputs, snapshot_inputs


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_submit(request: PersonRequest, code: UUID) -> HttpResponse:
    """What would be submitted, with everything that deserves a second look; once sent, the submission."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    if request.method != "POST":
        return _submit_page(request, project)
    waiting, note = review_of(project).pending, request.POST.get("note", "")
    try:
        submission = submit_project(by=request.user, project=project, note=note)
    except Invalid as error:
        return _submit_page(request, project, note, error)
    messages.success(request, _submitted_sentence(submission, is_known=submission == waiting))
    return redirect("project-detail", project.code)


@signed_in
@require_safe
def submission_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One submission: field by field what it changes, the figures that follow, and how it was decided."""
    submission = get_submission(request.user, code)
    context = submission_context(request.user, submission, request.GET)
    return render(request, "projects/submission.html", context)


@signed_in
@require_POST
def submission_withdraw(request: PersonRequest, code: UUID) -> HttpResponse:
    """The project, whose submission waits no longer."""
    submission = get_submission(request.user, code)
    try:
        withdraw_submission(by=request.user, submission=submission)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Withdrawn. The inputs are kept as they are.")
    return redirect("project-detail", submission.project.code)


@signed_in
@require_POST
def submission_comment(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the submission, with one comment more; what was refused is told there."""
    submission, typed = get_submission(request.user, code), request.POST
    place, text = typed.get("place", ""), typed.get("text", "")
    try:
        comment_on_submission(by=request.user, submission=submission, place=place, text=text)
    except Invalid as error:
        messages.error(request, f"Nothing was said. {error}")
    else:
        if request.htmx:
            return _beside_the_field(request, submission, place)
        messages.success(request, f"Your comment on {input_label(place)} is kept; the others are told.")
    return redirect(_page_of(request, submission))


@signed_in
@require_POST
def comment_settle(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the submission, with the comment settled."""
    comment = get_comment(request.user, code)
    settle_comment(by=request.user, comment=comment)
    if request.htmx:
        latest = comment.submission.project.submissions.latest("pk")
        return _beside_the_field(request, get_submission(request.user, latest.code), comment.place)
    messages.success(request, f"Settled: the comment on {input_label(comment.place)}.")
    return redirect(_page_of(request, comment.submission))


def _beside_the_field(request: PersonRequest, submission: Submission, place: str) -> HttpResponse:
    """What is still open about one input, as the project's form shows it."""
    comments = comments_on(request.user, submission)
    said = [each for each in comments.open_rows if each.comment.place == place]
    context = {"comments": comments, "said": said, "note_length": NOTE_LENGTH, "with_label": not place}
    return render(request, "projects/fragments/field_comments.html", context)


def _page_of(request: PersonRequest, submission: Submission) -> str:
    """The comments on the page that was left: the project's form, the review's, or the portal's."""
    if "in_form" in request.POST:
        return reverse("project-edit", args=[submission.project.code])
    reviewed = _review_url(request.user, submission) if "in_review" in request.POST else ""
    return f"{reviewed or reverse('submission-detail', args=[submission.code])}#comments"


def submission_context(user: User, submission: Submission, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the pages of a submission show, here and in the administration, for what their address asks."""
    show_all = "all" in asked
    base = submission.base.inputs if submission.base else None
    differences = compare_inputs(base, submission.snapshot.inputs)
    changed = differences.only_changed()
    review = review_of(submission.project)
    return {
        "section": "projects",
        "project": submission.project,
        "submission": submission,
        "review": review,
        "differences": differences if show_all or base is None else changed,
        "changed_count": changed.changed_count,
        "shows_all": show_all or base is None,
        "warnings": (*snapshot_inputs(submission.snapshot).warnings(), *unusual_in(submission.snapshot.inputs)),
        "comments": comments_on(user, submission, asked.get("about", "")),
        "note_length": NOTE_LENGTH,
        "can_withdraw": can_withdraw(user, submission),
        "review_url": _review_url(user, submission),
    }


def _submit_page(
    request: PersonRequest, project: Project, note: str = "", error: Invalid | None = None
) -> HttpResponse:
    review = review_of(project)
    approved = review.approved
    checked = check_inputs(project.inputs, today=timezone.localdate(), previous=project.inputs)
    differences = compare_inputs(approved.snapshot.inputs, project.inputs).only_changed() if approved else None
    context = {
        "section": "projects",
        "project": project,
        "review": review,
        "note": note,
        "note_length": NOTE_LENGTH,
        "problems": error.problems if error else checked.problems,
        "warnings": (*checked.warnings, *unusual_in(project.inputs, checked.problems)),
        "differences": differences,
    }
    return render(request, "projects/submit.html", context, status=422 if error else 200)


def _submitted_sentence(submission: Submission, *, is_known: bool) -> str:
    version = submission.snapshot.version
    if not submission.is_pending:
        return f"These inputs are approved already, as version {version}: there is nothing to submit."
    if is_known:
        return f"These inputs wait for review already, as version {version}."
    return f"Submitted as version {version}. An administrator reviews it; you are told of the decision."


def _review_url(user: User, submission: Submission) -> str:
    return reverse("admin:projects_submission_change", args=[submission.pk]) if can_review(user) else ""
