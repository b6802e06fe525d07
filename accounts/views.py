from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import PreferencesForm, ThemeForm
from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from accounts.services import change_preferences
from accounts.services.change_preferences import PREFERENCES


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
    kinds = {each.type: each.wrap() for each in Authenticator.objects.filter(user=request.user)}
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "tab": "security",
        "one_time_password": kinds.get(Authenticator.Type.TOTP),
        "recovery_code_count": len(codes.get_unused_codes()) if codes else 0,
        "session_count": len(UserSession.objects.purge_and_list(request.user)),
        "new_email": EmailAddress.objects.get_new(request.user),
        "must_keep": request.user.is_platform_admin,
    }
    return render(request, "accounts/security.html", context)
