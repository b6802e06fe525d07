from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from lib.errors import NotFound
from lib.verbs import save_checked
from projects.access import require_edit
from projects.attachments.models import Attachment
from projects.services.attach_file import audited_file


@transaction.atomic
def delete_attachment(*, by: User, attachment: Attachment) -> Attachment:
    """The file out of everybody's sight; its row, content and audit trail stay."""
    current = Attachment.objects.select_for_update(of=("self",)).select_related("project").get(pk=attachment.pk)
    require_edit(by, current.project)
    if current.deleted_at is not None:
        raise NotFound("There is no such file.")
    current.deleted_at, current.deleted_by = timezone.now(), by
    save_checked(current)
    record(by=by, action="attachment.deleted", target=current, before=audited_file(current))
    return current
