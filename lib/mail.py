"""Letters: one text, sent as plain text and as HTML in the platform's look.

The template `templates/mail/NAME.txt` holds the subject in its first line, then paragraphs with an empty line between.
A paragraph `Words: https://...` becomes a button with these words.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


BUTTON = re.compile(r"(?P<words>[^:]{1,60}): (?P<url>https?://\S+)")


def absolute_url(path: str, request: HttpRequest | None) -> str:
    """The address of a page as a letter needs it: where the request came to, unless ATLASNEXUS_URL says otherwise."""
    if request and not settings.ATLASNEXUS_URL_IS_GIVEN:
        return request.build_absolute_uri(path)
    return f"{settings.ATLASNEXUS_URL.rstrip('/')}{path}"


def letter(name: str, to: Sequence[str], context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The letter of the template `mail/NAME.txt`, ready to be sent."""
    text = render_to_string(f"mail/{name}.txt", dict(context)).strip()
    subject, _, body = text.partition("\n")
    message = EmailMultiAlternatives(subject.strip(), f"{body.strip()}\n\n--\nAtlas Nexus\n", to=list(to))
    message.attach_alternative(_html(subject, body), "text/html")
    return message


def send(message: EmailMultiAlternatives) -> bool:
    """Whether the letter left; a mail server that does not answer is logged and holds nothing up."""
    try:
        message.send()
    except (OSError, SMTPException):
        log.exception("a letter could not be sent: %s", message.subject)
        return False
    return True


def _html(subject: str, body: str) -> str:
    paragraphs = [" ".join(part.split()) for part in body.split("\n\n") if part.strip()]
    parts = [BUTTON.fullmatch(paragraph) or paragraph for paragraph in paragraphs]
    pieces = [{"text": part} if isinstance(part, str) else part.groupdict() for part in parts]
    return render_to_string("mail/letter.html", {"subject": subject, "pieces": pieces})
