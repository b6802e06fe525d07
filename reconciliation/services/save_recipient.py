"""Sets up whom files are locked for, and ends that."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.sealing import encrypt
from lib.verbs import refuse, save_checked
from reconciliation.access import DELIVER, require_may
from reconciliation.encryption import SHORTEST_PASSPHRASE, key_of
from reconciliation.models import Encryption, Recipient


@transaction.atomic
def save_recipient(*, by: User, name: str, method: str, secret: str) -> Recipient:
    """The recipient, with what locks encrypted by the installation's key; Invalid for a short passphrase or no key."""
    require_may(by, DELIVER)
    recipient, secret = Recipient(name=name, method=method), secret.strip()
    if method == Encryption.PGP:
        recipient.fingerprint, recipient.expires_at = key_of(secret)
    elif len(secret) < SHORTEST_PASSPHRASE or not secret.isprintable():
        raise refuse("secret", "secret", f"Passphrase: expected {SHORTEST_PASSPHRASE} printable characters or more.")
    recipient.secret = encrypt(secret)
    save_checked(recipient)
    told = {"name": name, "method": method, "fingerprint": recipient.fingerprint}
    audit.record(by=by, action="reconciliation.recipient_saved", target=recipient, after=told)
    return recipient


@transaction.atomic
def end_recipient(*, by: User, recipient: Recipient) -> None:
    """Nothing is locked for them any more, and what locked it is gone; what was sent stays as it was."""
    require_may(by, DELIVER)
    recipient.is_active, recipient.secret = False, ""
    recipient.save(update_fields=["is_active", "secret"])
    audit.record(by=by, action="reconciliation.recipient_ended", target=recipient, before={"name": recipient.name})
