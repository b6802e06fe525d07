"""Passkeys in a real browser, with the authenticator that Chromium plays."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect

from accounts.models import AuditEntry, User
from tests.browser.test_accessibility import AT_REST, IN_THE_DARK, OPTIONS, violations
from tests.conftest import type_credentials
from tests.stack import Platform
from tests.world import PASSWORD

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(browser: Browser, live: Platform) -> Iterator[Page]:
    """A tab of a device with a fingerprint reader. Passkeys are of a name, and no address is one."""
    context = browser.new_context(base_url=live.url.replace("127.0.0.1", "localhost"))
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend([message.text] if "Content Security" in message.text else []))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    page.key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]  # type: ignore[attr-defined]
    page.devtools = devtools  # type: ignore[attr-defined]
    yield page
    context.close()
    assert not complaints, complaints


def finger(page: Page, *, is_right: bool) -> None:
    """From now on the device knows the finger on it, or does not."""
    told: dict[str, Any] = {"authenticatorId": page.key, "isUserVerified": is_right}  # type: ignore[attr-defined]
    page.devtools.send("WebAuthn.setUserVerified", told)  # type: ignore[attr-defined]


def sign_out(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def is_open_to_all(page: Page) -> None:
    """Axe finds nothing, light and dark: pages of a passkey are met in a story only."""
    page.evaluate(AT_REST)
    page.evaluate(AXE_SCRIPT)
    found = violations(page, OPTIONS)
    page.emulate_media(color_scheme="dark")
    found += violations(page, IN_THE_DARK)
    page.emulate_media(color_scheme="light")
    assert not found, page.url


def left_the_screen(page: Page) -> None:
    """The session is as old as one that somebody may have walked away from."""
    key = next(each["value"] for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)
    session = SessionStore(key)
    for method in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        method["at"] -= 86_400
    session.modified = True
    session.save()


def test_enrol_name_sign_in_and_remove(device: Page, sponsor: User):
    type_credentials(device, sponsor)
    device.goto("/account/security/")
    device.get_by_role("link", name="Add a passkey").click()
    device.get_by_label("Name").press("Control+a")
    device.keyboard.type("Work laptop")
    device.keyboard.press("Enter")
    expect(device.locator(".codes li")).to_have_count(10)
    device.goto("/account/security/")
    expect(device.locator(".passkeys strong", has_text="Work laptop")).to_be_visible()

    device.get_by_role("link", name="Rename Work laptop").click()
    is_open_to_all(device)
    device.get_by_label("Name").press("Control+a")
    device.keyboard.type("Desk laptop")
    device.keyboard.press("Enter")
    expect(device.locator(".passkeys strong", has_text="Desk laptop")).to_be_visible()

    sign_out(device, "Sofia Sponsor")
    device.goto("/projects/")  # who was not signed in comes back here
    finger(device, is_right=False)
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.get_by_text("No passkey was used")).to_be_visible()
    finger(device, is_right=True)
    device.get_by_role("button", name="Use a passkey").click()
    device.wait_for_url("**/projects/")
    expect(device.locator("summary", has_text="Sofia Sponsor")).to_be_visible()

    device.goto("/account/security/")
    device.get_by_role("link", name="Remove Desk laptop").click()
    is_open_to_all(device)
    device.get_by_role("button", name="Remove").click()
    expect(device.get_by_text("The passkey is removed.")).to_be_visible()
    assert not Authenticator.objects.filter(user=sponsor).exists()
    sign_out(device, "Sofia Sponsor")
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.get_by_role("alert").filter(has_text="did not open the account")).to_be_visible()
    told = {entry.action: entry.after for entry in AuditEntry.objects.filter(action__startswith="user.passkey")}
    assert told == {
        "user.passkey_added": {"name": "Work laptop"},
        "user.passkey_renamed": {"name": "Desk laptop"},
        "user.passkey_removed": {"name": "Desk laptop"},
    }


def test_who_is_at_the_screen_shows_it_with_a_passkey(device: Page, sponsor: User):
    type_credentials(device, sponsor)
    device.goto("/account/security/")
    device.get_by_role("link", name="Add a passkey").click()
    device.get_by_role("button", name="Add this device").click()
    expect(device.locator(".codes li")).to_have_count(10)

    left_the_screen(device)
    device.goto("/account/tokens/new/")
    expect(device.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    device.get_by_role("link", name="Use a passkey instead").click()
    device.wait_for_url("**/account/confirm/passkey/**")
    is_open_to_all(device)
    finger(device, is_right=False)
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.get_by_text("No passkey was used")).to_be_visible()
    device.goto("/account/tokens/new/")
    expect(device.get_by_role("heading", name="Confirm that it is you")).to_be_visible()  # nothing is open yet
    device.get_by_role("link", name="Use a passkey instead").click()
    finger(device, is_right=True)
    device.get_by_role("button", name="Use a passkey").click()
    device.wait_for_url("**/account/tokens/new/")


def test_an_administrators_only_second_step(device: Page, admin: User):
    Authenticator.objects.filter(user=admin).delete()
    type_credentials(device, admin)
    expect(device.get_by_role("heading", name="Set up a one-time password")).to_be_visible()  # whatever they ask for
    device.get_by_role("link", name="passkey").click()
    device.get_by_role("button", name="Add this device").click()
    expect(device.locator(".codes li")).to_have_count(10)
    device.goto("/admin/accounts/user/")
    expect(device.get_by_role("heading", name="Users").first).to_be_visible()
    passkey = Authenticator.objects.get(user=admin, type="webauthn")
    device.goto(f"/account/passkeys/{passkey.pk}/remove/")
    device.get_by_role("button", name="Remove").click()
    expect(device.get_by_text("set up another first")).to_be_visible()
    assert Authenticator.objects.filter(pk=passkey.pk).exists()

    device.goto("/")
    sign_out(device, admin.full_name)
    device.get_by_label("E-mail").click()
    device.keyboard.type(admin.email)
    device.get_by_label("Password").click()
    device.keyboard.type(PASSWORD)
    device.keyboard.press("Enter")
    expect(device.get_by_role("heading", name="The second step")).to_be_visible()
    finger(device, is_right=False)
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.get_by_text("No passkey was used")).to_be_visible()
    finger(device, is_right=True)
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.locator("summary", has_text=admin.full_name)).to_be_visible()
