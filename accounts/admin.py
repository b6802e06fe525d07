"""People and their trail in the admin; writes go through the same verbs as everywhere."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.models import AuditEntry, User
from accounts.services import approve_user, change_user, create_user

if TYPE_CHECKING:
    # Generic for the type checker only; Django's own classes take no parameter.
    BaseForm = AdminUserCreationForm[User]
    BaseUserAdmin = StockUserAdmin[User]
    BaseAuditAdmin = admin.ModelAdmin[AuditEntry]
else:
    BaseForm, BaseUserAdmin, BaseAuditAdmin = AdminUserCreationForm, StockUserAdmin, admin.ModelAdmin


class NewUserForm(BaseForm):
    class Meta:
        model = User
        fields = ("email", "full_name", "role", "is_approved")


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "full_name", "role", "is_approved", "is_active", "date_joined", "last_login")
    list_filter = ("role", "is_approved", "is_active")
    search_fields = ("email", "full_name")
    readonly_fields = ("code", "date_joined", "last_login")
    filter_horizontal = ()
    actions = ("approve",)
    fieldsets = (
        (None, {"fields": ("code", "email", "full_name", "password")}),
        ("What they may do", {"fields": ("role", "is_approved", "is_active")}),
        ("Since when", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "full_name", "role", "is_approved", "usable_password", "password1", "password2")}),
    )

    @admin.action(description="Approve the people selected")
    def approve(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            approve_user(by=_administrator(request), user=user, request=request)
        self.message_user(request, f"Approved: {queryset.count()}.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        save = change_user if change else create_user
        save(by=_administrator(request), user=obj, request=request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a person with a trail stays; they are made inactive


@admin.register(AuditEntry)
class AuditEntryAdmin(BaseAuditAdmin):
    list_display = ("at", "actor_label", "action", "target_type", "target_code", "address")
    list_filter = ("action", "target_type")
    search_fields = ("actor_label", "action", "target_code")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _administrator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
