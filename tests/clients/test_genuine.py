"""What arrives is what was signed and issued: webhooks against the server's own signature, packs against their manifest."""

import json
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from api.webhooks import signature
from atlasnexus_client.errors import NotVerified
from atlasnexus_client.packs import verified_files
from atlasnexus_client.webhooks import verified

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "run_done", "data": {}}'
NOW = 1_800_000_000


def heads(body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    """The headers of the server's own delivery."""
    return {"Webhook-Id": "d-1", "Webhook-Timestamp": str(at), "Webhook-Signature": signature(SECRET, "d-1", at, body)}


def test_a_delivery_is_read():
    assert verified(SECRET, heads(), BODY, now=NOW) == {"type": "run_done", "data": {}}


def test_one_of_several_signatures_is_enough():
    told = heads()
    told["Webhook-Signature"] = f"v1,AAAA {told['Webhook-Signature']}"
    assert verified(SECRET, told, BODY, now=NOW)


@pytest.mark.parametrize(
    ("secret", "changed", "body"),
    [
        (SECRET, {}, BODY + b" "),
        ("whsec_" + "A" * 32, {}, BODY),
        (SECRET, {"Webhook-Id": "d-2"}, BODY),
        (SECRET, {"Webhook-Timestamp": str(NOW + 1)}, BODY),
        (SECRET, {"Webhook-Signature": ""}, BODY),
        (SECRET, {"Webhook-Signature": "v1,ü"}, BODY),
    ],
)
def test_what_was_not_signed_so_is_refused(secret: str, changed: dict[str, str], body: bytes):
    with pytest.raises(NotVerified, match="signature"):
        verified(secret, {**heads(), **changed}, body, now=NOW)


@pytest.mark.parametrize(("seconds", "is_taken"), [(299, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_delivery_holds_for_five_minutes(seconds: int, is_taken: bool):
    if is_taken:
        assert verified(SECRET, heads(), BODY, now=NOW + seconds)
        return
    with pytest.raises(NotVerified, match="another time"):
        verified(SECRET, heads(), BODY, now=NOW + seconds)


def archive(files: dict[str, bytes], listed: dict[str, bytes]) -> tuple[bytes, str]:
    """A pack's archive with these files, and the hash of a manifest that lists those."""
    lines = [{"file": name, "sha256": sha256(content).hexdigest()} for name, content in listed.items()]
    manifest = json.dumps({"files": lines}).encode()
    opened = BytesIO()
    with ZipFile(opened, "w") as written:
        for name, content in {**files, "manifest.json": manifest}.items():
            written.writestr(name, content)
    return opened.getvalue(), sha256(manifest).hexdigest()


FILES = {"term-sheet.pdf": b"one", "model.xlsx": b"two"}


def test_a_pack_as_issued_gives_its_files():
    assert verified_files(*archive(FILES, FILES)) == FILES


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({**FILES, "model.xlsx": b"2"}, "model.xlsx"),
        ({"model.xlsx": b"two"}, "term-sheet.pdf"),
        ({**FILES, "more.pdf": b"three"}, "more.pdf"),
    ],
)
def test_a_file_that_is_another_missing_or_one_too_many_is_named(files: dict[str, bytes], wrong: str):
    with pytest.raises(NotVerified, match=f"Not as issued: {wrong}."):
        verified_files(*archive(files, FILES))


def test_another_manifest_is_refused():
    content, _ = archive(FILES, FILES)
    with pytest.raises(NotVerified, match="manifest"):
        verified_files(content, sha256(b"other").hexdigest())
