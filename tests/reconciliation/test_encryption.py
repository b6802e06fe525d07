"""Files locked for their recipients, opened by another program with what the recipient has."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from jobs.work import work
from lib.errors import Forbidden, Invalid
from lib.storage import content_of
from reconciliation import encryption
from reconciliation.encryption import locked
from reconciliation.models import BreakPack, Recipient
from reconciliation.services.request_break_pack import request_break_pack
from reconciliation.services.save_recipient import end_recipient, save_recipient

pytestmark = pytest.mark.django_db
PASSPHRASE = "four plain words here"


@pytest.fixture
def keys(tmp_path_factory: Any) -> Any:
    """The counterparty's own gpg with a private key, as a function of options and input."""
    if shutil.which("gpg") is None:
        pytest.skip("needs gpg: scripts/get_test_programs.sh installs it")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)

    def gpg(*options: str, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--passphrase", "", *options]
        done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=120)
        return done.stdout

    gpg(
        "--pinentry-mode",
        "loopback",
        "--quick-gen-key",
        "Counterparty <desk@broker.example>",
        "future-default",
        "default",
        "1y",
    )
    yield gpg
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


def by_pgp(admin: User, keys: Any) -> Recipient:
    return save_recipient(by=admin, name="Broker C", method="pgp", secret=keys("--armor", "--export").decode())


def by_zip(admin: User) -> Recipient:
    return save_recipient(by=admin, name="Auditor", method="zip", secret=PASSPHRASE)


def test_a_locked_zip_is_aes_256_and_opens_by_its_passphrase_alone(admin: User):
    name, content = locked("day.csv", b"a,b\r\n1,2\r\n", by_zip(admin))
    assert name == "day.csv.locked.zip"
    assert b"1,2" not in content
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        [part] = archive.infolist()
        assert part.wz_aes_strength == 3  # 256 bits
        with pytest.raises(RuntimeError):
            archive.read("day.csv", pwd=b"another passphrase")
        assert archive.read("day.csv", pwd=PASSPHRASE.encode()) == b"a,b\r\n1,2\r\n"
    # Another reader sees that it is locked, by WinZip's AES.
    with zipfile.ZipFile(io.BytesIO(content)) as plain:
        assert plain.infolist()[0].flag_bits & 1
        assert plain.infolist()[0].compress_type == 99
        with pytest.raises((RuntimeError, NotImplementedError)):
            plain.read("day.csv", pwd=PASSPHRASE.encode())


def test_a_file_to_a_public_key_opens_with_the_private_one(admin: User, keys: Any):
    recipient = by_pgp(admin, keys)
    name, content = locked("day.zip", b"\x00 breaks", recipient)
    assert name == "day.zip.gpg"
    assert b"breaks" not in content
    assert keys("--decrypt", given=content) == b"\x00 breaks"
    assert recipient.fingerprint in keys("--with-colons", "--list-keys").decode()
    assert recipient.expires_at is not None


def test_a_pack_leaves_locked(day: Any, admin: User, analyst: User, keys: Any, client: Any):
    client.force_login(analyst)
    recipient = by_pgp(admin, keys)
    asked = {"query": "type=PRICE_BREAK", "format": "json", "recipient": str(recipient.code)}
    assert client.post(reverse("recon-pack-new"), asked).status_code == 302
    pack = BreakPack.objects.get()
    work(pack.code)
    pack.refresh_from_db()
    taken = client.get(reverse("recon-pack-content", args=[pack.code])).content
    assert taken == content_of(pack.sha256)
    with zipfile.ZipFile(io.BytesIO(keys("--decrypt", given=taken))) as opened:
        assert {"breaks.json", "cover.html", "manifest.json"} <= set(opened.namelist())
    asked["recipient"] = "nobody"
    client.post(reverse("recon-pack-new"), asked)
    assert BreakPack.objects.count() == 1


def test_what_locks_lies_encrypted_and_is_shown_to_nobody(admin: User, client: Any):
    recipient = by_zip(admin)
    assert PASSPHRASE not in recipient.secret
    client.force_login(admin)
    assert PASSPHRASE not in client.get(reverse("recon-recipients")).content.decode()
    entry = AuditEntry.objects.get(action="reconciliation.recipient_saved")
    assert PASSPHRASE not in str(entry.after)


def test_what_is_no_key_and_who_is_no_administrator_are_refused(admin: User, analyst: User, keys: Any):
    with pytest.raises(Forbidden):
        save_recipient(by=analyst, name="A", method="zip", secret=PASSPHRASE)
    with pytest.raises(Invalid, match="12 printable"):
        save_recipient(by=admin, name="A", method="zip", secret="short")
    with pytest.raises(Invalid, match="begins with -----BEGIN"):
        save_recipient(by=admin, name="A", method="pgp", secret=PASSPHRASE)
    with pytest.raises(Invalid, match="gpg cannot lock"):
        save_recipient(
            by=admin, name="A", method="pgp", secret=f"{encryption.BEGIN}\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----"
        )


def test_nothing_leaves_open_when_the_key_has_ended(day: Any, admin: User, analyst: User):
    recipient = by_zip(admin)
    recipient.expires_at = timezone.now() - timedelta(seconds=1)
    recipient.save()
    pack = request_break_pack(by=analyst, recipient=recipient, enqueue=False)
    work(pack.code)
    pack.refresh_from_db()
    assert (pack.state, pack.sha256) == ("failed", "")
    assert "the key has ended" in pack.error
    end_recipient(by=admin, recipient=recipient)
    with pytest.raises(Invalid, match="any more"):
        request_break_pack(by=analyst, recipient=recipient, enqueue=False)


def test_without_the_program_that_is_said(admin: User, monkeypatch: Any, tmp_path: Path):
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    with pytest.raises(Invalid, match="gpg is missing"):
        save_recipient(by=admin, name="A", method="pgp", secret=encryption.BEGIN)
