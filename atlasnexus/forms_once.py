"""A form sent twice is done once, whichever form it is: the second is given the answer to the first.

Each form carries a token that was drawn for its page alone: the one against forged requests. Sent again with the same
content, by two clicks, a lost connection or a reload, it is the same request. What led to another page is kept as long as
answers of the API; what drew the page, or a part of it, for seconds only, for the form may still stand there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin

from accounts.models import User
from api.idempotency import again, keep, reserved
from api.models import KeptAnswer
from api.problems import Refused
from atlasnexus import errors
from lib.errors import Busy

TOKEN = "csrfmiddlewaretoken"  # noqa: S105
WAIT_SECONDS, LOOK_SECONDS = 20.0, 0.05
STAYS = timedelta(seconds=5)
TOLD = "Told"  # what the next page is to say, beside the headers of an answer that leads there
UNDER_WAY = "This form is being answered already. Wait a moment, then open the page anew."


class FormOnceMiddleware(MiddlewareMixin):
    """Answers the repeated form of a signed-in person from what was kept."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method != "POST" or getattr(view, "makes_nothing", False) or not isinstance(request.user, User):
            return None
        token = request.POST.get(TOKEN)
        if not token:
            return None
        try:
            kept = _taken(request.user, _hash(token), _hash(_content(request)))
        except Refused:
            return errors.busy(request, Busy(UNDER_WAY))
        if kept.status is None:
            request.kept_answer = kept  # type: ignore[attr-defined]
            return None
        _tell(request, kept.headers.pop(TOLD, ()))
        return again(kept)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kept: KeptAnswer | None = getattr(request, "kept_answer", None)
        if kept and isinstance(response, HttpResponse) and response.status_code < HTTPStatus.BAD_REQUEST:
            keep(kept, response, {TOLD: _told(request)} if _leads_on(response.status_code) else {})
        elif kept:
            kept.delete()  # a refusal: nothing was done
        return response


def _taken(user: User, token: str, content: str) -> KeptAnswer:
    """The row of this form: new, or with its answer; of one that is being answered, waited for.

    One token serves all forms of a page, so that the row is of a token and a content.
    """
    key = f"form {sha256((token + content).encode()).hexdigest()}"
    until = time.monotonic() + WAIT_SECONDS
    while True:
        stays = KeptAnswer.objects.filter(owner=user, key=key, status__lt=HTTPStatus.MULTIPLE_CHOICES)
        stays.filter(begun_at__lt=timezone.now() - STAYS).delete()
        try:
            return reserved(user, key, content)
        except Refused:
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_SECONDS)


def _leads_on(status: int) -> bool:
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST


def _told(request: HttpRequest) -> list[tuple[int, str]]:
    storage: Any = messages.get_messages(request)
    return [(each.level, str(each.message)) for each in storage._queued_messages]


def _tell(request: HttpRequest, told: Iterable[tuple[int, str]]) -> None:
    """Says it on the next page, where the first answer's words are not on their way there already."""
    storage: Any = messages.get_messages(request)
    waiting = {str(each.message) for each in storage._loaded_messages}
    for level, text in told:
        if text not in waiting:
            messages.add_message(request, level, text)


def _hash(content: str) -> str:
    """No hash that says whether a guess is right: forms bear passwords."""
    return salted_hmac("atlasnexus.forms_once", content, algorithm="sha256").hexdigest()


def _content(request: HttpRequest) -> str:
    """The address and everything sent to it."""
    files = [(name, file.name, _hash_of_file(file)) for name, of in sorted(request.FILES.lists()) for file in of]
    return repr((request.get_full_path(), sorted(request.POST.lists()), files))


def _hash_of_file(file: UploadedFile[Any]) -> str:
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
