"""People, and the trail of what they did."""

import uuid
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.managers import ShownEntries, UserManager
from lib.errors import AppendOnlyError


class Role(models.TextChoices):
    """What a person is for; what they may see and do follows from it."""

    SPONSOR = "sponsor", "Sponsor"  # sees and edits own projects
    INTERNAL = "internal", "Internal"  # reads everything
    ADMIN = "admin", "Administrator"  # approves, runs, administers


class Theme(models.TextChoices):
    """In which light a person reads."""

    SYSTEM = "system", "As the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class NumberFormat(models.TextChoices):
    """How numbers are shown; the values are keys of `lib.figures.SEPARATORS`."""

    COMMA_POINT = "comma_point", "1,234.5"
    POINT_COMMA = "point_comma", "1.234,5"
    SPACE_COMMA = "space_comma", "1\N{NO-BREAK SPACE}234,5"


# Names go into letters and headings: one line, no hidden characters.
one_line = RegexValidator(
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z", "Use one line of plain text."
)


def is_time_zone(name: str) -> None:
    """Nothing, for a name of the IANA list."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone of the list, such as Europe/London.")


class User(AbstractBaseUser):
    """A person with an e-mail as login; nobody gets in before an administrator approved them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True, error_messages={"unique": "Somebody has this e-mail already."})
    full_name = models.CharField(max_length=200, validators=[one_line])
    organisation = models.CharField(max_length=200, blank=True, validators=[one_line])
    role = models.CharField(max_length=20, choices=Role, default=Role.SPONSOR)
    further_roles = models.JSONField(default=list, blank=True, help_text="What rooms have people for beside the role.")
    is_approved = models.BooleanField("approved", default=False, help_text="May sign in.")
    is_active = models.BooleanField("active", default=True, help_text="Untick instead of deleting a person.")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    registration_reason = models.TextField(blank=True, max_length=1000, help_text="Why they want an account.")
    declined_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False, help_text="Since when nobody is told who it was.")
    decline_reason = models.TextField(blank=True, max_length=1000, editable=False)
    time_zone = models.CharField(max_length=64, blank=True, validators=[is_time_zone])
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    number_format = models.CharField(max_length=20, choices=NumberFormat, default=NumberFormat.COMMA_POINT)
    shows_tour = models.BooleanField(default=True, help_text="The tour of the portal stands on the start page.")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(
                Lower("email"), name="accounts_user_email_any_case", violation_error_message="This e-mail is taken."
            ),
        )

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        self.email = type(self).objects.normalize_email(self.email).lower()

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    @property
    def is_sponsor(self) -> bool:
        return self.role == Role.SPONSOR

    @property
    def is_internal(self) -> bool:
        return self.role == Role.INTERNAL

    @property
    def is_platform_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and self.is_approved

    @property
    def is_declined(self) -> bool:
        return self.declined_at is not None and not self.is_approved

    # What Django's admin asks: its doors open to administrators, wholly, and to nobody else.
    @property
    def is_staff(self) -> bool:
        return self.is_platform_admin and self.may_sign_in

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_staff

    def has_perms(self, perms: object, obj: object | None = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and adds; the database refuses the rest as well."""

    def update(self, **values: Any) -> int:
        raise AppendOnlyError("audit entries cannot be changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("audit entries cannot be deleted")


class AuditEntry(models.Model):
    """One thing somebody did to one thing, from where, with the fields before and after; a link of `accounts.chain`."""

    sequence = models.PositiveBigIntegerField(unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="audit_entries")
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=100)
    target_type = models.CharField(max_length=100, blank=True)
    target_code = models.UUIDField(null=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True, help_text="The browser, or the process where there is none.")
    request_id = models.CharField(max_length=64, blank=True, help_text="The same for all entries of one request.")
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    objects = AuditQuerySet.as_manager()
    shown = ShownEntries()  # what pages, files and the API are given

    is_masked = False  # True of one that is not as it was written: of an erased account, or old

    class Meta:
        ordering = ("-sequence",)
        indexes = (
            models.Index(fields=["action", "sequence"], name="audit_by_action"),
            models.Index(fields=["target_code", "sequence"], name="audit_by_target"),
            models.Index(fields=["target_type", "sequence"], name="audit_by_kind"),
            models.Index(fields=["request_id", "sequence"], name="audit_by_request"),
        )
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_label} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("audit entries cannot be changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("audit entries cannot be deleted")


class Scope(models.TextChoices):
    """What a token lets its holder do of what the person may do."""

    READ = "read", "Read"
    WRITE = "write", "Enter and change projects, series, files and versions"
    RUN = "run", "Start and stop runs, simulations and other jobs"
    ISSUE = "issue", "Approve, issue and send"


class ApiToken(models.Model):
    """A way for a program to act as its owner: shown once, kept as a hash, named, ending, taken back at any time."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(
        max_length=80, validators=[one_line], help_text="Where it is used, so that you know it again."
    )
    beginning = models.CharField(max_length=16, editable=False, help_text="How the token begins, to know it by.")
    token_hash = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token.")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_address = models.GenericIPAddressField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def is_valid(self) -> bool:
        """True while it opens anything."""
        return self.revoked_at is None and timezone.now() < self.expires_at

    @property
    def standing(self) -> str:
        """Where it stands, in a word."""
        if self.revoked_at is not None:
            return "Revoked"
        return "Valid" if self.is_valid else "Expired"


class OrganisationRole(models.TextChoices):
    """What a member of an organisation may do with its projects."""

    OWNER = "owner", "Owner"  # as an editor, and says who belongs to it
    EDITOR = "editor", "Editor"  # enters, changes and submits
    READER = "reader", "Reader"  # sees everything, changes nothing


# Who may change what belongs to the organisation.
KEEPING = (OrganisationRole.OWNER, OrganisationRole.EDITOR)
ORGANISATION_NAME_LENGTH = 200


class Organisation(models.Model):
    """Sponsors who work together: what one of them enters belongs to all, and each sees and does what their role says."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=ORGANISATION_NAME_LENGTH, validators=[one_line])
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.code])


class Member(models.Model):
    """A person of an organisation; nobody belongs to two."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    role = models.CharField(max_length=10, choices=OrganisationRole, default=OrganisationRole.READER)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("person__full_name", "pk")

    def __str__(self) -> str:
        return f"{self.person}, {self.organisation}"


class Invitation(models.Model):
    """An e-mail that may join an organisation; gone once it is answered or taken back."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=OrganisationRole, default=OrganisationRole.READER)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-invited_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["organisation", "email"], name="invited_once_an_organisation"),)

    def __str__(self) -> str:
        return f"{self.organisation}: {self.email}"
