"""One person of each role for the demo, with passwords made on this machine and kept for their owner's eyes only.

The administrator has a one-time password too; its secret lies beside the passwords.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from accounts.audit import record
from accounts.models import Role, User
from accounts.services import set_one_time_password

FILE_NAME = "demo_passwords.json"
PEOPLE = {
    "sponsor@demo.example": ("Sam Sponsor", Role.SPONSOR),
    "internal@demo.example": ("Ines Internal", Role.INTERNAL),
    "admin@demo.example": ("Ada Admin", Role.ADMIN),
}


SECRETS = "one_time_password_secrets"


@dataclass(frozen=True)
class Keys:
    """What opens the accounts of the demo: passwords and secrets of one-time passwords, by e-mail."""

    passwords: dict[str, str]
    secrets: dict[str, str]


def demo_keys(data_dir: Path) -> Keys:
    """The keys, read from the data folder; missing ones are made and written there."""
    path = data_dir / FILE_NAME
    known = json.loads(path.read_text()) if path.exists() else {}
    secrets_known = known.get(SECRETS, {})
    keys = Keys(
        {email: known.get(email) or secrets.token_hex(8) for email in PEOPLE},
        {email: secrets_known.get(email) or _new_secret() for email, (_, role) in PEOPLE.items() if role == Role.ADMIN},
    )
    content = {**keys.passwords, SECRETS: keys.secrets}
    if content != known:
        _write_private(path, json.dumps(content, indent=1))
    return keys


@transaction.atomic
def ensure_demo_people(keys: Keys) -> dict[str, User]:
    """The demo people by e-mail, able to sign in with these keys."""
    people = {email: _ensure(email, password) for email, password in keys.passwords.items()}
    for email, secret in keys.secrets.items():
        set_one_time_password(by=None, user=people[email], secret=secret)
    return people


def _new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


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
