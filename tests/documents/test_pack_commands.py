"""Packs on the command line: made without the portal, checked by their manifest."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from documents import kinds
from documents.archive import MANIFEST, OTHER, SIGNATURE, folder_of
from documents.models import ManifestSignature, Pack
from documents.rendering.steady import steady_zip
from documents.sending import archive_of
from documents.signatures import keys_in, published_keys
from documents.verification import check_pack
from permutations.models import Run

FEW = pytest.mark.usefixtures("few")


def said(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@FEW
@pytest.mark.django_db
def test_the_command_makes_the_bytes_of_the_portals_draft(draft: Pack, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    terms = ["--close-date", draft.close_date.isoformat(), "--organisation", draft.organisation]
    said(
        "make_pack",
        draft.origin["run"]["code"],
        str(draft.origin["run"]["permutation"]),
        *terms,
        "--confidentiality",
        "Private",
        "--out",
        str(out),
    )
    assert out.read_bytes() == archive_of(draft)
    assert "is what its manifest says" in said("verify_pack", str(out))
    with pytest.raises(CommandError, match="expected SHA-256 0000"):
        said("verify_pack", str(out), "--manifest-sha256", "0000")


@FEW
@pytest.mark.django_db
def test_the_command_says_what_it_cannot_do(tiny: Run, tmp_path: Path) -> None:
    rest = ("--close-date", "2027-01-31", "--out", str(tmp_path / "pack.zip"))
    with pytest.raises(CommandError, match="expected one such as"):
        said("make_pack", "nonsense", "0", *rest)
    with pytest.raises(CommandError, match="no financing and no finished run"):
        said("make_pack", "00000000-0000-4000-8000-000000000000", "0", *rest)
    with pytest.raises(CommandError, match="did not evaluate"):
        said("make_pack", str(tiny.code), "999999", *rest)
    with pytest.raises(CommandError, match="cannot be read"):
        said("verify_pack", str(tmp_path / "nowhere.zip"))


def packed(files: dict[str, bytes], listed: dict[str, bytes]) -> bytes:
    """An archive of `files` whose manifest speaks of `listed`."""
    entries = [
        {"file": name, "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in listed.items()
    ]
    manifest = {
        "pack": {"number": "", "close_date": ""}, "project": {"title": ""}, "run": {"code": "", "permutation": 0},
        "snapshot": {"version": 1, "sha256": ""}, "rule_set": {"name": "", "sha256": ""}, "engine": {"documents": ""},
        "files": entries,
    }  # fmt: skip
    return steady_zip([*files.items(), (MANIFEST, json.dumps(manifest).encode())])


NAMES = st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=12).map(lambda name: f"{name}.txt")
FILES = st.dictionaries(NAMES, st.binary(max_size=64), min_size=1, max_size=5)


@given(files=FILES, data=st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_any_change_to_any_file_is_found(files: dict[str, bytes], data: st.DataObject) -> None:
    assert check_pack(packed(files, files)).problems == ()
    name = data.draw(st.sampled_from(sorted(files)))
    other = data.draw(st.binary(max_size=64).filter(lambda content: content != files[name]))
    assert any(name in problem for problem in check_pack(packed({**files, name: other}, files)).problems)
    without = {each: content for each, content in files.items() if each != name}
    assert check_pack(packed(without, files)).problems == (f"{name}: named in the manifest, missing in the archive",)
    assert check_pack(packed(files, without)).problems == (f"{name}: in the archive, not named in the manifest",)


@given(content=st.binary(max_size=200))
@hypothesis_settings(max_examples=50, deadline=None)
def test_what_is_no_pack_is_said_to_be_none(content: bytes) -> None:
    assert check_pack(content).problems
    with zipfile.ZipFile(io.BytesIO(packed({"a.txt": content}, {"a.txt": content}))) as archive:
        others = [(name, archive.read(name)) for name in archive.namelist() if name != MANIFEST]
    assert MANIFEST in check_pack(steady_zip([*others, (MANIFEST, content)])).problems[0]


def test_every_kind_has_its_folder() -> None:
    assert [kind.code for kind in kinds.KINDS if folder_of(kind.code).startswith(OTHER)] == []


@FEW
@pytest.mark.django_db
def test_an_issued_pack_is_signed_by_the_published_key(
    issued: Pack, draft: Pack, client: Client, tmp_path: Path
) -> None:
    archive, keys = tmp_path / "pack.zip", tmp_path / "keys.pem"
    archive.write_bytes(archive_of(issued))
    keys.write_bytes(client.get("/signing-keys.pem").content)
    (key,) = keys_in(keys.read_bytes())
    assert f"Signed    by {key}" in said("verify_pack", str(archive), "--keys", str(keys))
    assert "Not authenticated: signed by" in said("verify_pack", str(archive))
    unsigned = tmp_path / "draft.zip"
    unsigned.write_bytes(archive_of(draft))
    assert "Not authenticated: no signature" in said("verify_pack", str(unsigned))
    with pytest.raises(CommandError, match="anybody may have made it"):
        said("verify_pack", str(unsigned), "--keys", str(keys))


@FEW
@pytest.mark.django_db
def test_a_changed_manifest_and_another_key_are_found(issued: Pack, tmp_path: Path) -> None:
    """A manifest rewritten with the right hashes is still not the one that was signed."""
    with zipfile.ZipFile(io.BytesIO(archive_of(issued))) as held:
        files = {name: held.read(name) for name in held.namelist()}
    other = files | {MANIFEST: files[MANIFEST].replace(issued.organisation.encode(), b"Somebody else")}
    assert other != files
    assert check_pack(steady_zip(list(other.items()))).problems == (f"{SIGNATURE}: is not that of the manifest",)
    for broken in (b"", b"{}", b'{"public_key": "00", "signature": "00"}', files[SIGNATURE].replace(b": ", b": 1", 1)):
        (problem,) = check_pack(steady_zip(list((files | {SIGNATURE: broken}).items()))).problems
        assert problem.startswith(f"{SIGNATURE}: cannot be read")
    archive, keys = tmp_path / "pack.zip", tmp_path / "keys.pem"
    archive.write_bytes(archive_of(issued))
    theirs = Ed25519PrivateKey.generate().public_key()
    keys.write_bytes(theirs.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(CommandError, match="none of the keys given"):
        said("verify_pack", str(archive), "--keys", str(keys))
    keys.write_text("no key")
    with pytest.raises(CommandError, match="expected Ed25519 public keys"):
        said("verify_pack", str(archive), "--keys", str(keys))


@FEW
@pytest.mark.django_db
def test_signatures_outlive_their_key_and_change_no_more(issued: Pack, client: Client, settings: Any) -> None:
    before = archive_of(issued)
    (first,) = keys_in(client.get("/signing-keys.pem").content)
    settings.ATLASNEXUS_SIGNING_KEY = "11" * 32
    assert archive_of(issued) == before
    today, earlier = keys_in(client.get("/signing-keys.pem").content)
    assert earlier == first != today
    row = ManifestSignature.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ManifestSignature.objects.filter(pk=row.pk).update(signature="00")
    settings.ATLASNEXUS_SIGNING_KEY = "short"
    with pytest.raises(ImproperlyConfigured, match="openssl rand -hex 32"):
        published_keys()
