"""The account pages: django-allauth's views that are used here, at addresses of ours. Others of its views are not served."""

from collections.abc import Callable

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpResponseBase
from django.urls import path, re_path
from django.views import View

from accounts import organisation_pages, passkeys, privacy, views


def _page(view: type[View], template: str, **options: object) -> Callable[..., HttpResponseBase]:
    return view.as_view(template_name=f"accounts/{template}.html", **options)


_sign_in = _page(account.LoginView, "sign_in")
_tab = {"tab": "security"}

urlpatterns = [
    # At the door
    path("sign-in/", _sign_in, name="account_login"),
    path("sign-in/", _sign_in, name="sign-in"),
    path("sign-in/code/", _page(mfa.AuthenticateView, "sign_in_code"), name="mfa_authenticate"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("register/", _page(account.SignupView, "register"), name="account_signup"),
    path("register/sent/", _page(account.EmailVerificationSentView, "sent"), name="account_email_verification_sent"),
    path("register/personal-data/", privacy.statement, name="account-statement"),
    path("register/waiting/", views.waiting, name="account-waiting"),
    path("register/declined/", views.declined, name="account-declined"),
    path("register/closed/", _page(account.AccountInactiveView, "closed"), name="account_inactive"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        _page(account.ConfirmEmailView, "confirm_email"),
        name="account_confirm_email",
    ),
    path("password/forgotten/", _page(account.PasswordResetView, "forgotten"), name="account_reset_password"),
    path("password/sent/", _page(account.PasswordResetDoneView, "forgotten_sent"), name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _page(account.PasswordResetFromKeyView, "reset"),
        name="account_reset_password_from_key",
    ),
    path(
        "password/done/",
        _page(account.PasswordResetFromKeyDoneView, "reset_done"),
        name="account_reset_password_from_key_done",
    ),
    # Inside
    path("account/preferences/", views.preferences, name="account-preferences"),
    path("account/theme/", views.theme, name="account-theme"),
    path("account/security/", views.security, name="account-security"),
    path("account/security/", views.security, name="mfa_index"),
    path("account/organisation/", organisation_pages.own_organisation, name="account-organisation"),
    path("organisations/new/", organisation_pages.organisation_new, name="organisation-new"),
    path("organisations/<uuid:code>/", organisation_pages.organisation, name="organisation"),
    path("organisations/<uuid:code>/rename/", organisation_pages.organisation_rename, name="organisation-rename"),
    path("organisations/<uuid:code>/invite/", organisation_pages.organisation_invite, name="organisation-invite"),
    path("organisations/members/<uuid:code>/role/", organisation_pages.member_role, name="member-role"),
    path("organisations/members/<uuid:code>/remove/", organisation_pages.member_remove, name="member-remove"),
    path("invitations/<uuid:code>/accept/", organisation_pages.invitation_accept, name="invitation-accept"),
    path("invitations/<uuid:code>/withdraw/", organisation_pages.invitation_withdraw, name="invitation-withdraw"),
    path("account/data/", views.own_data, name="account-data"),
    path("account/tokens/", views.tokens, name="account-tokens"),
    path("account/tokens/new/", views.token_new, name="account-token-new"),
    path("account/tokens/<uuid:code>/revoke/", views.token_revoke, name="account-token-revoke"),
    path(
        "account/password/",
        _page(account.PasswordChangeView, "password", extra_context=_tab),
        name="account_change_password",
    ),
    path("account/email/", _page(account.EmailView, "email", extra_context=_tab), name="account_email"),
    path("account/sessions/", _page(ListUserSessionsView, "sessions", extra_context=_tab), name="usersessions_list"),
    path("account/sessions/<int:number>/end/", views.session_end, name="session-end"),
    path(
        "account/one-time-password/",
        _page(totp.ActivateTOTPView, "enrol", extra_context=_tab),
        name="mfa_activate_totp",
    ),
    path(
        "account/one-time-password/remove/",
        _page(totp.DeactivateTOTPView, "remove_one_time_password", extra_context=_tab),
        name="mfa_deactivate_totp",
    ),
    path("account/passkeys/new/", passkeys.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/rename/", passkeys.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkeys.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path(
        "account/recovery-codes/",
        _page(recovery.ViewRecoveryCodesView, "recovery_codes", extra_context=_tab),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        _page(recovery.GenerateRecoveryCodesView, "new_recovery_codes", extra_context=_tab),
        name="mfa_generate_recovery_codes",
    ),
    path("account/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/confirm/", _page(account.ReauthenticateView, "confirm"), name="account_reauthenticate"),
    path("account/confirm/passkey/", passkeys.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/confirm/code/", _page(mfa.ReauthenticateView, "confirm"), name="mfa_reauthenticate"),
]
