from django.utils import timezone

from accounts.models import User
from lib.storage import open_content
from projects.access import require_edit
from projects.attachments.models import Attachment
from projects.models import Project
from projects.services.edit_project import edit_project
from projects.workbook.read import Upload, read_workbook


def apply_workbook(*, by: User, attachment: Attachment, version: int) -> Project:
    """The project with the good values of a kept workbook; StaleVersion if it moved on since `version` was read."""
    project = attachment.project
    require_edit(by, project)
    upload = read_kept_workbook(attachment)  # before anything is locked
    title = upload.title or project.title
    return edit_project(by=by, project=project, title=title, inputs=upload.values, version=version)


def read_kept_workbook(attachment: Attachment) -> Upload:
    """A kept workbook against its project as it stands now."""
    with open_content(attachment.content_hash) as stream:
        return read_workbook(stream, today=timezone.localdate(), previous=attachment.project.inputs)
