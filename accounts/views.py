from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.views import LogoutView
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import PreferencesForm, ThemeForm, TokenForm
from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from accounts.services import change_preferences, export_own_data, issue_token, revoke_token
from accounts.services.change_preferences import PREFERENCES
from accounts.tokens import get_token
from lib.errors import Invalid, NotFound
from lib.verbs import refuse


class SignOut(LogoutView):
    """Django's; what pages kept in the browser goes with the session."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/waiting.html")


@require_safe
def declined(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/declined.html")


@signed_in
def preferences(request: PersonRequest) -> HttpResponse:
    # A person of its own: what is refused must not show in the head of the page.
    person = User.objects.get(pk=request.user.pk)
    form = PreferencesForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        change_preferences(by=request.user, **{name: form.cleaned_data[name] for name in PREFERENCES})
        messages.success(request, "Your preferences are saved.")
        return redirect("account-preferences")
    return render(request, "accounts/preferences.html", {"form": form, "tab": "preferences"})


@signed_in
@require_POST
def theme(request: PersonRequest) -> HttpResponse:
    """The same page in the light asked for, which is kept."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        raise Http404("The appearance is light or dark.")
    change_preferences(by=request.user, theme=form.cleaned_data["theme"])
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    came_from = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return redirect(came_from if known else "home")


@require_safe
@signed_in
def security(request: PersonRequest) -> HttpResponse:
    """Everything that guards the account, in one place."""
    kept = Authenticator.objects.filter(user=request.user).order_by("created_at")
    kinds = {each.type: each.wrap() for each in kept}
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "tab": "security",
        "one_time_password": kinds.get(Authenticator.Type.TOTP),
        "passkeys": [each.wrap() for each in kept if each.type == Authenticator.Type.WEBAUTHN],
        "recovery_code_count": len(codes.get_unused_codes()) if codes else 0,
        "session_count": len(UserSession.objects.purge_and_list(request.user)),
        "new_email": EmailAddress.objects.get_new(request.user),
        "must_keep": request.user.is_platform_admin,
    }
    return render(request, "accounts/security.html", context)


@require_POST
@signed_in
def session_end(request: PersonRequest, number: int) -> HttpResponse:
    """Back to the sessions, one of the person's others ended."""
    session = UserSession.objects.filter(user=request.user, pk=number).first()
    if session is None:
        raise NotFound("There is no such session: it has ended.")
    if session.is_current():
        raise refuse("current", "session", "This session is the one you are in: sign out instead.")
    get_adapter().end_sessions([session])
    messages.success(request, "That device is signed out.")
    return redirect("usersessions_list")


@require_safe
@signed_in
def tokens(request: PersonRequest) -> HttpResponse:
    """The person's tokens of programs, the latest first."""
    return render(request, "accounts/tokens.html", {"tab": "tokens", "tokens": request.user.api_tokens.all()})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]  # django-allauth comes without types
def token_new(request: PersonRequest) -> HttpResponse:
    """The form of a token; a sound one leads to the only page that ever shows it."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = issue_token(by=request.user, **form.cleaned_data)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            return render(request, "accounts/token_shown.html", {"tab": "tokens", "token": token, "text": text})
    return render(request, "accounts/token_new.html", {"tab": "tokens", "form": form})


@require_POST
@signed_in
def token_revoke(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the list, the token revoked."""
    token = revoke_token(by=request.user, token=get_token(request.user, code))
    messages.success(request, f"{token.name} is revoked: it opens nothing any more.")
    return redirect("account-tokens")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def own_data(request: PersonRequest) -> HttpResponseBase:
    """What is held of the person, in words; asked for, all of it as one file."""
    if request.method != "POST":
        return render(request, "accounts/own_data.html", {"tab": "data"})
    try:
        file = export_own_data(by=request.user)
    except Invalid as error:
        messages.warning(request, str(error))
        return redirect("account-data")
    return FileResponse(file, as_attachment=True, filename=own_data_file_name())


def own_data_file_name() -> str:
    """The name under which one's data are saved."""
    return f"atlas-nexus-own-data-{timezone.localdate():%Y%m%d}.zip"
