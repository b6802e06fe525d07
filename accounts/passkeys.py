"""Passkeys (WebAuthn): enrolled, named, signed in with, removed. django-allauth's views, each key a whole sign-in.

A passkey verifies the person by itself (finger, face, PIN), so that it opens the account without a password; after a
password it is the second step. What is kept of it is a public key.
"""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from accounts.audit import record

_TAB = {"tab": "security"}


class AddPasskey(views.AddWebAuthnView):
    """The page on which the browser makes a passkey and the person names it."""

    template_name = "accounts/passkey_new.html"
    extra_context = _TAB

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Begun last, so that what the browser is asked is what the answer is held to: a key that verifies the person.
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["js_data"] = {"creation_options": auth.begin_registration(self.request.user, passwordless=True)}
        return context | {"form": kwargs.get("form") or context["form"]}


class RenamePasskey(views.EditWebAuthnView):
    """The name of a passkey, changed."""

    template_name = "accounts/passkey_rename.html"
    success_url = reverse_lazy("account-security")
    extra_context = _TAB

    @method_decorator(transaction.atomic)
    def form_valid(self, form: forms.Form) -> HttpResponse:
        before = self.object.wrap().name
        answer: HttpResponse = super().form_valid(form)
        after = form.cleaned_data["name"]
        user = self.request.user
        record(by=user, action="user.passkey_renamed", target=user, before={"name": before}, after={"name": after})
        return answer


class RemovePasskey(views.RemoveWebAuthnView):
    """A passkey taken off; the last second step of an administrator stays."""

    template_name = "accounts/passkey_remove.html"
    success_url = reverse_lazy("account-security")
    extra_context = _TAB

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            form.add_error(None, get_adapter().error_messages["cannot_delete_authenticator"])
            refused: HttpResponse = self.form_invalid(form)
            return refused
        answer: HttpResponse = super().form_valid(form)
        return answer


class ConfirmByPasskey(views.ReauthenticateWebAuthnView):
    """Who is at the screen shows it with a passkey."""

    template_name = "accounts/passkey_confirm.html"

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        messages.error(self.request, str(form.errors["credential"][0]))
        return redirect(self.request.get_full_path())
