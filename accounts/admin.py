"""People and their trail in the admin; writes go through the same verbs as everywhere."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.forms import CheckboxSelectMultiple, Form, ModelForm, MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audit import in_words, record
from accounts.audit_pages.targets import type_words
from accounts.forms import ApproveForm, DeclineForm, EraseForm
from accounts.models import ApiToken, AuditEntry, Member, Organisation, Role, User
from accounts.policies import declared_roles
from accounts.services import (
    approve_user,
    change_user,
    create_user,
    decline_user,
    end_sessions,
    erase_user,
    forget_one_time_password,
    invite_user,
    lift_lock_out,
    revoke_token,
)
from accounts.tokens import second_steps
from lib.admin import ReadOnlyAdmin, WordsFilter
from lib.errors import Invalid

if TYPE_CHECKING:
    # Generic for the type checker only; Django's own classes take no parameter.
    BaseForm = ModelForm[User]
    BaseChangeForm = UserChangeForm[User]
    BaseUserAdmin = StockUserAdmin[User]
    BaseAuditAdmin = admin.ModelAdmin[AuditEntry]
else:
    BaseForm, BaseChangeForm = ModelForm, UserChangeForm
    BaseUserAdmin, BaseAuditAdmin = StockUserAdmin, admin.ModelAdmin


VERDICTS: dict[str, type[Form]] = {"approve": ApproveForm, "decline": DeclineForm}

# Rows of django-allauth, with secrets among them, are changed by its pages and our verbs only.
# What a person may do follows from their role, so there are no groups.
for _model in (EmailAddress, Authenticator, UserSession, Group):
    admin.site.unregister(_model)


class NewUserForm(BaseForm):
    """Who adds a person lets them in, unless they untick it; the person chooses a password by the link of a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_approved"].initial = True

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "is_approved")


class PersonForm(BaseChangeForm):
    """A person; further roles are offered where rooms have declared some."""

    further_roles = MultipleChoiceField(
        choices=declared_roles,
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="What rooms have people for, beside the role.",
    )


class StandingFilter(admin.SimpleListFilter):
    """Where people stand on the way in."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("waiting", "Waiting for a decision"),
            ("unconfirmed", "E-mail not confirmed"),
            ("approved", "Approved"),
            ("declined", "Declined"),
            ("closed", "Closed"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        undecided = Q(is_approved=False, declined_at=None, is_active=True)
        standing = {
            "waiting": undecided & Q(confirmed=True),
            "unconfirmed": undecided & Q(confirmed=False),
            "approved": Q(is_approved=True, is_active=True),
            "declined": Q(is_approved=False, declined_at__isnull=False),
            "closed": Q(is_active=False),
        }
        return queryset.filter(standing.get(self.value() or "", Q()))


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    form = PersonForm
    add_form = NewUserForm
    change_form_template = "admin/accounts/user/person.html"
    ordering = ("-date_joined",)
    list_display = ("email", "full_name", "organisation", "role", "standing", "protected", "date_joined")
    list_filter = (StandingFilter, "role")
    search_fields = ("email", "full_name", "organisation")
    readonly_fields = (
        *("standing", "protected", "password_page", "registration_reason", "decline_reason"),
        *("declined_at", "date_joined", "last_login"),
    )
    filter_horizontal = ()
    actions = ("approve", "decline", "invite", "end_sessions", "lift_lock_out", "forget_one_time_password")
    fieldsets = (
        (None, {"fields": ("email", "full_name", "organisation", "password_page")}),
        ("What they may do", {"fields": ("role", "further_roles", "standing", "is_active", "protected")}),
        ("Registration", {"fields": ("registration_reason", "declined_at", "decline_reason")}),
        ("Since when", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "role", "is_approved")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
        steps = second_steps(OuterRef("pk"))
        return super().get_queryset(request).annotate(confirmed=Exists(own), has_second_step=Exists(steps))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if declared_roles():
            return sets
        return [
            (title, {**told, "fields": [name for name in told["fields"] if name != "further_roles"]})
            for title, told in sets
        ]

    @admin.display(description="password")
    def password_page(self, user: User) -> str:
        if user.is_erased:
            return "None"
        return (
            "Theirs alone. Who has none, or lost it, chooses one by a link: the action of the list of people sends it."
        )

    @admin.display(description="standing")
    def standing(self, user: User) -> str:
        if user.is_erased:
            return "Erased"
        if not user.is_active:
            return "Closed"
        if user.is_approved:
            return "Approved"
        if user.is_declined:
            return "Declined"
        return "Waiting" if getattr(user, "confirmed", False) else "E-mail not confirmed"

    @admin.display(description="second step", boolean=True)
    def protected(self, user: User) -> bool:
        return bool(getattr(user, "has_second_step", False))

    @admin.action(description="Approve the people selected ...")
    def approve(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return _to_decision("approve", queryset)

    @admin.action(description="Decline the people selected ...")
    def decline(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        return _to_decision("decline", queryset)

    @admin.action(description="Send the people selected a link to choose a password")
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset.filter(erased_at=None):
            invite_user(by=_administrator(request), user=user)
        self.message_user(request, f"Sent a link: {queryset.count()}. It works once, for three days.", messages.SUCCESS)

    @admin.action(description="End all sessions of the people selected")
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            end_sessions(by=_administrator(request), user=user)
        self.message_user(request, f"Signed out everywhere: {queryset.count()}.", messages.SUCCESS)

    @admin.action(description="Lift the lock-out of the people selected")
    def lift_lock_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            lift_lock_out(by=_administrator(request), user=user)
        self.message_user(request, f"May try to sign in again: {queryset.count()}.", messages.SUCCESS)

    @admin.action(description="Take the one-time password off the people selected (lost phone)")
    def forget_one_time_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            forget_one_time_password(by=_administrator(request), user=user)
        self.message_user(request, f"Taken off, and signed out everywhere: {queryset.count()}.", messages.SUCCESS)

    def get_urls(self) -> list[Any]:
        decide = self.admin_site.admin_view(self.decide)
        erase = self.admin_site.admin_view(reauthentication_required(allow_get=True)(self.erase))
        return [
            path("decide/<str:verdict>/", decide, name="accounts_user_decide"),
            path("erase/", erase, name="accounts_user_erase"),
            *(each for each in super().get_urls() if getattr(each, "name", "") != "auth_user_password_change"),
        ]

    def erase(self, request: HttpRequest) -> HttpResponse:
        """What goes and what stays, and the e-mail to type; then the account is erased."""
        person = get_object_or_404(User, pk__in=_codes(request)[:1], erased_at=None)
        form = EraseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                erased = erase_user(by=_administrator(request), user=person, email=form.cleaned_data["email"])
            except Invalid as refusal:
                form.add_error(None if refusal.problems[0].place != "email" else "email", str(refusal))
            else:
                self.message_user(request, f"Erased. It is called {erased} from now on.", messages.SUCCESS)
                return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "title": f"Erase {person}", "opts": self.opts}
        return render(request, "admin/accounts/user/erase.html", {**context, "person": person, "form": form})

    def decide(self, request: HttpRequest, verdict: str) -> HttpResponse:
        """The people to decide about, and what to tell them; then what became of each."""
        if verdict not in VERDICTS:
            raise Http404("People are approved or declined.")
        people = list(self.get_queryset(request).filter(pk__in=_codes(request)))
        form = VERDICTS[verdict](request.POST or None)
        if request.method == "POST" and form.is_valid():
            for person in people:
                self._decide_about(request, person, verdict, form.cleaned_data)
            return redirect("home" if request.POST.get("next") == reverse("home") else "admin:accounts_user_changelist")
        title = f"{verdict.capitalize()} {len(people)} {'person' if len(people) == 1 else 'people'}"
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        context |= {"verdict": verdict, "people": people, "form": form, "media": self.media}
        return render(request, "admin/accounts/user/decide.html", context)

    def _decide_about(self, request: HttpRequest, person: User, verdict: str, told: dict[str, str]) -> None:
        by = _administrator(request)
        try:
            if verdict == "approve":
                approve_user(by=by, user=person, role=Role(told["role"]))
            else:
                decline_user(by=by, user=person, reason=told["reason"])
        except Invalid as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.message_user(request, f"{verdict.capitalize()}d: {person.email}", messages.SUCCESS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page; who opened somebody else's is on the trail."""
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        if request.method == "GET" and response.status_code == HTTPStatus.OK and object_id != str(request.user.pk):
            record(by=_administrator(request), action="user.data_read", target=User.objects.get(pk=object_id))
        return response

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        save = change_user if change else create_user
        save(by=_administrator(request), user=obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_erased)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a person with a trail stays; they are made inactive, or erased


class ActionFilter(WordsFilter):
    words = staticmethod(in_words)


class RecordFilter(WordsFilter):
    words = staticmethod(type_words)


@admin.register(AuditEntry)
class AuditEntryAdmin(BaseAuditAdmin):
    list_display = ("at", "actor_label", "deed", "record_type", "record_code", "address")
    list_filter = (("action", ActionFilter), ("target_type", RecordFilter))
    search_fields = ("actor__email", "action", "target_code")
    date_hierarchy = "at"

    @admin.display(description="action", ordering="action")
    def deed(self, entry: AuditEntry) -> str:
        return in_words(entry.action)

    @admin.display(description="record", ordering="target_type")
    def record_type(self, entry: AuditEntry) -> str:
        return type_words(entry.target_type) if entry.target_type else ""

    @admin.display(description="its code", ordering="target_code")
    def record_code(self, entry: AuditEntry) -> str:
        return format_html('<span class="code">{}</span>', entry.target_code or "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return AuditEntry.shown.order_by("-sequence")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    listed_data = ("scopes",)
    list_display = ("name", "owner", "beginning", "scopes", "standing", "expires_at", "last_used_at", "last_address")
    list_filter = ("owner",)
    list_select_related = ("owner",)
    search_fields = ("name", "beginning", "owner__email")
    exclude = ("token_hash",)
    actions = ("revoke",)

    @admin.action(description="Revoke the tokens selected")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(by=_administrator(request), token=token)
        self.message_user(request, f"Revoked: {queryset.count()}.", messages.SUCCESS)


def _administrator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _to_decision(verdict: str, people: QuerySet[User]) -> HttpResponse:
    chosen = "&".join(f"person={pk}" for pk in people.values_list("pk", flat=True))
    return redirect(f"{reverse('admin:accounts_user_decide', args=[verdict])}?{chosen}")


def _codes(request: HttpRequest) -> list[int]:
    return [int(each) for each in request.GET.getlist("person") if each.isascii() and each.isdigit() and len(each) < 19]


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    """Which there are; members are managed on an organisation's page in the portal."""

    list_display = ("name", "member_count", "created_at")
    search_fields = ("name", "memberships__person__email", "code")
    fields = ("code", "name", "created_at", "page")
    readonly_fields = ("page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        found: QuerySet[Organisation] = super().get_queryset(request).annotate(members_there=Count("memberships"))
        return found

    @admin.display(description="members", ordering="members_there")
    def member_count(self, organisation: Organisation) -> int:
        return int(getattr(organisation, "members_there", 0))

    @admin.display(description="members")
    def page(self, organisation: Organisation) -> SafeString:
        return format_html('<a href="{}">Members and invitations</a>', organisation.get_absolute_url())


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("person", "organisation", "role", "since")
    list_filter = ("role",)
    list_select_related = ("person", "organisation")
    search_fields = ("person__email", "organisation__name")
