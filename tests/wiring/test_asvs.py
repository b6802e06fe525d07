"""What OWASP's ASVS asks of the platform as a whole and no room's tests prove; docs/security.md names each by its number."""

import ast
import json
import logging.config
import re
from base64 import b32decode, urlsafe_b64decode
from collections.abc import Callable, Iterator
from math import log2
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import global_settings, settings
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
from atlasnexus.logs import configure
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


def test_what_is_sealed_opens_whole_or_not_at_all_and_is_never_the_same_twice():
    sealed = encrypt("a secret")
    assert sealed != encrypt("a secret")
    for place in (0, len(sealed) // 2, len(sealed) - 8):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(InvalidToken):
            decrypt(sealed[:place] + other + sealed[place + 1 :])


def test_one_time_codes_and_recovery_codes_come_of_seeds_that_are_not_guessed(sponsor: User, admin: User):
    seeds = []
    for user in (sponsor, admin):
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
        kept = {each.type: each.data for each in Authenticator.objects.filter(user=user)}
        assert len(b32decode(decrypt(kept["totp"]["secret"]))) * 8 >= 160
        assert len(decrypt(kept["recovery_codes"]["seed"])) * 4 >= 112
        seeds += [decrypt(kept["totp"]["secret"]), decrypt(kept["recovery_codes"]["seed"])]
    assert len(set(seeds)) == 4


def test_a_passkey_is_asked_by_a_new_challenge_verifies_the_person_and_signs_by_a_sound_cipher(
    signed_in: Callable[[User], Client], sponsor: User
):
    sign_in = reverse("mfa_login_webauthn")
    asked = [Client().get(sign_in, headers={"Accept": "application/json"}).json() for _ in range(2)]
    options = [each["request_options"]["publicKey"] for each in asked]
    challenges = {each["challenge"] for each in options}
    assert len(challenges) == 2
    assert min(len(urlsafe_b64decode(each + "==")) for each in challenges) * 8 >= 64
    assert {each["userVerification"] for each in options} == {"required"}
    client = signed_in(sponsor)
    client.post("/account/confirm/", {"password": PASSWORD})
    page = client.get(reverse("mfa_add_webauthn"), follow=True).context["js_data"]["creation_options"]["publicKey"]
    ciphers = {each["alg"] for each in page["pubKeyCredParams"]}
    assert ciphers <= {
        -7,
        -8,
        -35,
        -36,
        -37,
        -47,
        -48,
        -49,
        -50,
        -257,
    }  # ECDSA, EdDSA, RSA of SHA-256 and longer, ML-DSA
    assert page["authenticatorSelection"]["userVerification"] == "required"


def test_a_line_of_a_log_stays_one_line(capsys: pytest.CaptureFixture[str]):
    formatter = logging.config.DictConfigurator(configure("INFO", "json")).configure_formatter(
        configure("INFO", "json")["formatters"]["lines"]
    )
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "asked for %s", ("a\r\nlevel=info\x1b[2Jforged",), None)
    [line] = formatter.format(record).splitlines()
    assert json.loads(line)["event"] == "asked for a\r\nlevel=info\x1b[2Jforged"
    assert "\x1b" not in line
    assert json.loads(line)["timestamp"].endswith("Z")


def test_a_browser_is_given_two_cookies_and_the_scripts_no_key(client: Client, sponsor: User):
    client.get("/sign-in/")
    client.post("/sign-in/", {"login": sponsor.email, "password": PASSWORD})
    client.get("/")
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    secret = re.compile(r"(?i)(secret|api[_-]?key|password|token)\w*\s*[:=]\s*[\"'][\w+/=-]{16,}[\"']")
    assert [name for name, text in scripts() if secret.search(text)] == []


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
