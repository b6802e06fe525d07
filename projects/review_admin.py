"""Submissions in the admin: what waits, what each changes and does, and the decision; every write is a verb."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from engine.project import Country
from lib.admin import ReadOnlyAdmin
from lib.errors import AtlasError
from projects import screen
from projects.differences import Differences, Row, compare_inputs
from projects.models import NOTE_LENGTH, Submission, SubmissionStatus
from projects.services import approve_submission, reject_submission
from projects.views.review import submission_context

APPROVE, REJECT = "approve", "reject"
HEADLINES = {
    "year_one.noi_amount": "NOI",
    "internal_cost_amount": "cost",
    "developer_profit_amount": "profit",
    "it_load_mw": "IT load",
}
HEADLINES_SHOWN = 3
_SHARE = re.compile(r"\(([^()]+%)\)")
AGES = {"today": ("Within a day", 0, 1), "week": ("Within a week", 0, 7), "older": ("Longer ago", 7, None)}


class DecisionForm(forms.Form):
    """A decision on one submission or several, with the words that go with it."""

    verdict = forms.ChoiceField(choices=((APPROVE, "Approve"), (REJECT, "Reject")))
    reason = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        label="Reason or comment",
        help_text="The project's owner reads it. A rejection needs one: say what to change.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == REJECT and not data.get("reason"):
            self.add_error("reason", "Expected a sentence that tells the sponsor what to change.")
        return data


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("first", "First submission"), ("change", "Change request")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        if self.value() in {"first", "change"}:
            return queryset.filter(base__isnull=self.value() == "first")
        return queryset


class CountryFilter(admin.SimpleListFilter):
    title, parameter_name = "country", "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(country.value, screen.choice_text(country.value)) for country in Country]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        return queryset.filter(snapshot__content__country=self.value()) if self.value() else queryset


class AgeFilter(admin.SimpleListFilter):
    title, parameter_name = "submitted", "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, label) for code, (label, _, _) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        if self.value() not in AGES:
            return queryset
        _, least_days, most_days = AGES[str(self.value())]
        now = timezone.now()
        found = queryset.filter(submitted_at__lte=now - timedelta(days=least_days))
        return found if most_days is None else found.filter(submitted_at__gt=now - timedelta(days=most_days))


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("project", "what", "country", "state", "changes", "submitted_by", "waiting_since", "decided")
    list_filter = ("status", KindFilter, CountryFilter, AgeFilter)
    list_select_related = ("project__owner", "snapshot", "base", "submitted_by", "decided_by")
    listed_data = ("snapshot__content", "base__content")  # the column of changes compares them
    list_per_page = 25
    search_fields = ("project__title", "project__owner__email", "submitted_by__email", "note", "reason", "code")
    search_help_text = "Title, people, note, reason or code"
    date_hierarchy = "submitted_at"
    actions = ("approve_selected", "reject_selected")
    actions_selection_counter = True

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits comes first, the longest wait before the others; then the newest decision."""
        waits = Case(When(status=SubmissionStatus.PENDING, then=Value(0)), default=Value(1))
        oldest = Case(When(status=SubmissionStatus.PENDING, then="submitted_at"))
        return (waits, oldest, "-decided_at", "-pk")

    # Columns

    @admin.display(description="what", ordering="base")
    def what(self, submission: Submission) -> str:
        return f"{submission.kind_label}, v{submission.snapshot.version}"

    @admin.display(description="country")
    def country(self, submission: Submission) -> str:
        return screen.choice_text(str(submission.snapshot.content.get("country", "")))

    @admin.display(description="state", ordering="status")
    def state(self, submission: Submission) -> SafeString:
        return format_html(
            '<span class="badge badge--{}">{}</span>', submission.status, submission.get_status_display()
        )

    @admin.display(description="changes")
    def changes(self, submission: Submission) -> SafeString | str:
        if submission.base is None:
            return "–"
        found = compare_inputs(submission.base.inputs, submission.snapshot.inputs).only_changed()
        count = f"{found.changed_count} input{'' if found.changed_count == 1 else 's'}"
        told = ", ".join(headlines(found))
        return format_html('{}<br><span class="soft">{}</span>', count, told) if told else count

    @admin.display(description="submitted", ordering="submitted_at")
    def waiting_since(self, submission: Submission) -> str:
        when = timezone.localtime(submission.submitted_at).strftime("%-d %b %Y, %H:%M")
        days = (timezone.now() - submission.submitted_at).days
        return f"{when} ({days} day{'' if days == 1 else 's'})" if submission.is_pending and days else when

    @admin.display(description="decided", ordering="decided_at")
    def decided(self, submission: Submission) -> str:
        if submission.decided_at is None:
            return "–"
        when = timezone.localtime(submission.decided_at).strftime("%-d %b %Y, %H:%M")
        return f"{when}, {submission.decided_by}" if submission.decided_by else when

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        waiting = Submission.objects.filter(status=SubmissionStatus.PENDING)
        extra = {
            "section": "review",
            "waiting_count": waiting.count(),
            "oldest": waiting.order_by("submitted_at").first(),
        }
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One submission with all that a decision needs; a POST decides."""
        submission = self.get_object(request, object_id)
        if submission is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self._decide(request, [submission], form)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            **submission_context(_person(request), submission, request.GET),
            "opts": self.opts,
            "section": "review",
            "title": str(submission),
            "form": form,
            "next_waiting": _next_waiting(submission),
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/projects/submission/change_form.html", context, status=status)

    # Actions

    @admin.action(description="Approve the submissions selected")
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Submission]) -> HttpResponse | None:
        return self._decide_selected(request, queryset, APPROVE)

    @admin.action(description="Reject the submissions selected")
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[Submission]) -> HttpResponse | None:
        return self._decide_selected(request, queryset, REJECT)

    def _decide_selected(
        self, request: HttpRequest, queryset: QuerySet[Submission], verdict: str
    ) -> HttpResponse | None:
        """The page that asks for the words; once they are there, each submission is decided on its own."""
        selected = list(queryset.order_by("pk"))
        is_confirmed = "verdict" in request.POST
        form = DecisionForm({**request.POST.dict(), "verdict": verdict} if is_confirmed else None)
        if is_confirmed and form.is_valid():
            self._decide(request, selected, form)
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "section": "review",
            "title": f"{verdict.capitalize()} {len(selected)} submission{'' if len(selected) == 1 else 's'}",
            "verdict": verdict,
            "action": f"{verdict}_selected",
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "selected": selected,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/projects/submission/decide.html", context, status=status)

    def _decide(self, request: HttpRequest, submissions: Iterable[Submission], form: DecisionForm) -> None:
        """Nothing; each submission is decided in a transaction of its own, and what became of it is told."""
        verdict, words = form.cleaned_data["verdict"], form.cleaned_data["reason"]
        for submission in submissions:
            try:
                _decision(verdict)(_person(request), submission, words, request)
            except AtlasError as error:
                self.message_user(request, f"{_name(submission)}: {error}", messages.ERROR)
            else:
                done = "approved" if verdict == APPROVE else "rejected"
                self.message_user(request, f"{_name(submission)}: {done}.", messages.SUCCESS)


def headlines(differences: Differences) -> list[str]:
    """The first headline figures that move, each with the share it moves by: "NOI −4.6%"."""
    by_path = {row.path: row for group in differences.figures for row in group.rows}
    moved = [(name, by_path[path]) for path, name in HEADLINES.items() if path in by_path]
    return [f"{name} {_share(row)}" for name, row in moved[:HEADLINES_SHOWN]]


def _share(row: Row) -> str:
    found = _SHARE.search(row.change)
    return found.group(1) if found else row.change


def _decision(verdict: str) -> Callable[[User, Submission, str, HttpRequest], Submission]:
    if verdict == APPROVE:
        return lambda by, submission, words, request: approve_submission(by=by, submission=submission, comment=words)
    return lambda by, submission, words, request: reject_submission(by=by, submission=submission, reason=words)


def _name(submission: Submission) -> str:
    return f"{submission.project}, version {submission.snapshot.version}"


def _next_waiting(submission: Submission) -> str:
    """Where the submission that waits longest is decided, other than this one; empty where none is left."""
    waiting = Submission.objects.filter(status=SubmissionStatus.PENDING).exclude(pk=submission.pk)
    found = waiting.order_by("submitted_at").values_list("pk", flat=True).first()
    return reverse("admin:projects_submission_change", args=[found]) if found else ""


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
