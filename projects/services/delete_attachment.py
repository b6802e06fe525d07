from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import record
from accounts.errors import NotFound
from accounts.models import User
from projects.access import require_edit
from projects.attachments.models import Attachment
from projects.services._saving import save_checked
from projects.services.attach_file import audited_file


@transaction.atomic
def delete_attachment(*, by: User, attachment: Attachment, request: HttpRequest | None = None) -> Attachment:
    """The file out of everybody's sight; its row, content and audit trail stay."""
    current = Attachment.objects.select_for_update(of=("self",)).select_related("project").get(pk=attachment.pk)
    require_edit(by, current.project)
    if current.deleted_at is not None:
        raise NotFound("There is no such file.")
    current.deleted_at, current.deleted_by = timezone.now(), by
    save_checked(current)
    record(by=by, action="attachment.deleted", target=current, before=audited_file(current), request=request)
    return current
