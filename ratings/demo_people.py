"""One person of each role for the demo, with passwords made on this machine and kept for their owner's eyes only."""

import json
import os
import secrets
from pathlib import Path

from django.db import transaction

from accounts.audit import record
from accounts.models import Role, User

FILE_NAME = "demo_passwords.json"
PEOPLE = {
    "sponsor@demo.example": ("Sam Sponsor", Role.SPONSOR),
    "internal@demo.example": ("Ines Internal", Role.INTERNAL),
    "admin@demo.example": ("Ada Admin", Role.ADMIN),
}


def demo_passwords(data_dir: Path) -> dict[str, str]:
    """Passwords by e-mail, read from the data folder; missing ones are made and written there."""
    path = data_dir / FILE_NAME
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    passwords = {email: known.get(email) or secrets.token_hex(8) for email in PEOPLE}
    if passwords != known:
        _write_private(path, json.dumps(passwords, indent=1))
    return passwords


@transaction.atomic
def ensure_demo_people(passwords: dict[str, str]) -> dict[str, User]:
    """The demo people by e-mail, able to sign in with these passwords."""
    return {email: _ensure(email, password) for email, password in passwords.items()}


def _ensure(email: str, password: str) -> User:
    full_name, role = PEOPLE[email]
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, full_name=full_name, role=role, is_approved=True)
        record(by=None, action="user.created", target=user, after={"email": email, "role": str(role)})
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
        record(by=None, action="user.password_set", target=user)
    return user


def _write_private(path: Path, text: str) -> None:
    # Written beside and renamed, with its mode from the start: nobody else reads it, not even for a moment.
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{text}\n")
    beside.replace(path)
