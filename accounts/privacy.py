"""The statement on personal data that strangers agree to when they register: which wording, so that the trail says which."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

TEMPLATE = "accounts/statement.html"
# Changed with the wording: a test holds that they go together.
STATEMENT_VERSION = "2"
STATEMENT_HASH = "9a8c8caa0b0749f2952203fad994beff2aefc87b39557f843fb13cc4a497f635"


def statement_hash() -> str:
    """The SHA-256 of the wording."""
    return sha256((Path(settings.BASE_DIR) / "templates" / TEMPLATE).read_bytes()).hexdigest()


@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """What is kept of people, why and for how long; for everybody."""
    return render(request, TEMPLATE, {"version": STATEMENT_VERSION, "kept_days": settings.ATLASNEXUS_KEPT_DAYS})
