"""What OWASP's ASVS asks of the platform as a whole and no room's tests prove; docs/security.md names each by its number."""

import ast
import re
from collections.abc import Iterator
from math import log2
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.db.models import UUIDField
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.sealing import decrypt, encrypt
from atlasnexus import settings as production
from tests.test_architecture import ROOMS
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def sources() -> Iterator[tuple[str, ast.AST]]:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def scripts() -> Iterator[tuple[str, str]]:
    yield from ((path.name, path.read_text("utf-8")) for path in (ROOT / "static/js").glob("*.js"))


@pytest.mark.parametrize(
    "password", ["p" * 3 + " " * 2 + "ö漢🦉" * 20, "only lower case words here", "ALLUPPER-NOTHING-ELSE"]
)
def test_a_password_may_be_long_and_of_any_letters(client: Client, sponsor: User, password: str):
    validate_password(password, sponsor)
    sponsor.set_password(password)
    sponsor.save()
    assert client.post("/sign-in/", {"login": sponsor.email, "password": password[:-1]}).status_code == 200
    assert client.post("/sign-in/", {"login": sponsor.email, "password": password}).status_code == 302


def test_a_password_ends_at_128_letters(sponsor: User):
    words = "quay " * 26
    validate_password(words[:128], sponsor)
    with pytest.raises(ValidationError, match="at most 128"):
        validate_password(words[:129], sponsor)


def test_no_rule_asks_for_kinds_of_letters_or_for_a_change():
    rules = {type(each).__name__ for each in get_default_password_validators()}
    assert rules == {
        *("UserAttributeSimilarityValidator", "MinimumLengthValidator", "MaximumLengthValidator"),
        *("CommonPasswordValidator", "NumericPasswordValidator"),
    }


@pytest.mark.parametrize(("page", "kept"), [("/sign-in/", "current-password"), ("/register/", "new-password")])
def test_a_keeper_of_passwords_may_fill_them_in(client: Client, page: str, kept: str):
    fields = re.findall(r"<input[^>]*type=\"password\"[^>]*>", client.get(page).content.decode())
    assert fields
    assert all(f'autocomplete="{kept}"' in field and "onpaste" not in field for field in fields)


def test_passwords_lie_hashed_at_a_cost():
    assert not hasattr(production, "PASSWORD_HASHERS"), "Django's are used"
    assert global_settings.PASSWORD_HASHERS[0].endswith(".PBKDF2PasswordHasher")
    hasher = PBKDF2PasswordHasher()
    assert (hasher.algorithm, hasher.iterations >= 310_000) == ("pbkdf2_sha256", True)
    assert hasher.salt() != hasher.salt()
    assert len(hasher.salt()) * log2(62) >= 32


def test_a_session_is_new_with_the_sign_in_and_comes_by_its_cookie_alone(client: Client, sponsor: User):
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    client.post("/sign-in/", {"login": sponsor.email, "password": PASSWORD})
    after = client.session.session_key
    assert after not in (None, before)
    assert len(str(after)) * log2(36) >= 64
    page = reverse("account-security")
    assert client.get(page).status_code == 200
    assert Client().get(page, {"sessionid": after, "session_key": after}).status_code == 302


@pytest.mark.parametrize(
    "path", ["/static/", "/static/js/", "/.git/config", "/static/../manage.py", "/static/%2e%2e/manage.py"]
)
def test_no_folder_is_listed_and_no_file_beside(client: Client, path: str):
    assert client.get(path).status_code == 404


def test_a_name_of_two_lines_is_no_header_of_a_letter(client: Client):
    form = {
        "email": "carol@x.example",
        "full_name": "Carol\nBcc: all@x.example",
        "password1": PASSWORD,
        "agreed": "on",
        "reason": "To work",
    }
    assert client.post("/register/", form).status_code == 200
    assert not User.objects.filter(email="carol@x.example").exists()
    assert not mail.outbox


def test_no_text_becomes_a_program():
    """Neither Python nor a shell's, nor an object that a file describes."""
    barred = {"eval", "exec", "system", "popen"}
    found = []
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {node.module or ""} if isinstance(node, ast.ImportFrom) else {each.name for each in node.names}
                found += [f"{path}: {name}" for name in names & {"pickle", "marshal", "shelve", "dill"}]
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else None
                if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "os":
                    called = node.func.attr
                shell = any(each.arg == "shell" for each in node.keywords)
                found += [f"{path}: {called or 'shell'}"] if called in barred or shell else []
    assert found == []


def test_pages_scripts_make_no_program_of_text():
    barred = re.compile(r"\beval\(|new Function\(|document\.write\(|setTimeout\(\s*[\"']")
    assert [name for name, text in scripts() if barred.search(text)] == []


def test_no_hash_or_cipher_that_is_broken():
    barred = {"md5", "sha1", "DES", "TripleDES", "ARC4", "Blowfish", "ECB"}
    found = [
        f"{path}: {node.attr if isinstance(node, ast.Attribute) else node.id}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in barred
    ]
    assert found == []


def test_codes_of_things_are_not_guessed():
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]
    codes = [
        field for model in ours for field in model._meta.local_fields if isinstance(field, UUIDField) and field.unique
    ]
    assert len(codes) > 20
    assert [str(field) for field in codes if field.has_default() and field.default is not uuid4] == []


def test_keys_are_changed_without_losing_what_they_sealed(settings: Any):
    sealed = encrypt("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, of another day"
    assert decrypt(sealed) == "a secret"


def test_the_proxy_speaks_tls_12_and_later_only():
    told = (ROOT / "deploy/nginx/atlasnexus.conf").read_text()
    assert re.findall(r"ssl_protocols ([^;]+);", told) == ["TLSv1.2 TLSv1.3"]


def test_answers_tell_no_version_and_open_to_no_other_site(client: Client):
    answer = client.get("/sign-in/", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers)
    assert "server_header=False" in (ROOT / "atlasnexus/web.py").read_text()


def test_no_picture_that_is_a_program_comes_in():
    assert not {"svg", "html", "htm", "xml", "js"} & set(production.ATLASNEXUS_ATTACHMENT_TYPES)
