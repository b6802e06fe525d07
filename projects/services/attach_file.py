from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from accounts.audit import record
from accounts.models import User
from lib.archives import MEGABYTE
from lib.errors import UnreadableFile
from lib.storage import hash_of, keep
from lib.verbs import save_checked
from projects.access import require_edit
from projects.attachments.access import kept_attachments
from projects.attachments.contents import check_content
from projects.attachments.models import Attachment, Purpose
from projects.attachments.names import clean_name
from projects.models import Project
from projects.services._saving import lock


def attach_file(
    *,
    by: User,
    project: Project,
    name: str,
    stream: IO[bytes],
    purpose: Purpose = Purpose.DOCUMENT,
) -> Attachment:
    """The file kept with the project; UnreadableFile when it is too large, or not what its name claims."""
    require_edit(by, project)
    safe_name = clean_name(name)
    # Looked at before anything is locked: that may take seconds.
    content_hash, size = hash_of(stream)
    _require_room(project, size)
    kind = check_content(safe_name, stream, settings.ATLASNEXUS_ATTACHMENT_TYPES)
    # The content first: a row never names what is not there.
    keep(stream, content_hash)
    attachment = Attachment(
        project=project,
        purpose=purpose,
        name=safe_name,
        content_type=kind.content_type,
        size_bytes=size,
        content_hash=content_hash,
        added_by=by,
    )
    return _added(attachment, by)


@transaction.atomic
def _added(attachment: Attachment, by: User) -> Attachment:
    current = lock(attachment.project)
    require_edit(by, current)
    _require_room(current, attachment.size_bytes)
    attachment.project = current
    save_checked(attachment)
    record(by=by, action="attachment.added", target=attachment, after=audited_file(attachment))
    return attachment


def audited_file(attachment: Attachment) -> dict[str, object]:
    """What the audit trail keeps of a file."""
    return {
        "project": str(attachment.project.code),
        "name": attachment.name,
        "purpose": str(attachment.purpose),
        "size_bytes": attachment.size_bytes,
        "content_hash": attachment.content_hash,
    }


def _require_room(project: Project, size: int) -> None:
    """Nothing; UnreadableFile for an empty or too large file, or one more than the project may hold."""
    if size == 0:
        raise UnreadableFile("empty", "It is empty.")
    if size > settings.ATLASNEXUS_ATTACHMENT_MB * MEGABYTE:
        raise UnreadableFile(
            "too_large",
            f"Expected at most {settings.ATLASNEXUS_ATTACHMENT_MB} MB a file, got {size / MEGABYTE:,.1f} MB.",
        )
    held = kept_attachments(project).aggregate(files=Count("pk"), size=Sum("size_bytes"))
    if (held["size"] or 0) + size > settings.ATLASNEXUS_ATTACHMENTS_MB * MEGABYTE:
        raise UnreadableFile(
            "project_full",
            f"A project holds at most {settings.ATLASNEXUS_ATTACHMENTS_MB} MB of files: delete some first.",
        )
    if held["files"] >= settings.ATLASNEXUS_ATTACHMENTS_COUNT:
        raise UnreadableFile(
            "project_full", f"A project holds at most {settings.ATLASNEXUS_ATTACHMENTS_COUNT} files: delete some first."
        )
