from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lib.archives import MEGABYTE
from lib.errors import UnreadableFile
from projects.access import require_edit
from projects.attachments.models import Attachment, Purpose
from projects.attachments.names import clean_name
from projects.models import TITLE_LENGTH, Project
from projects.services.attach_file import attach_file
from projects.services.create_project import create_project, require_creator
from projects.workbook.read import Upload, read_workbook


@dataclass(frozen=True, slots=True)
class Imported:
    """A workbook that was taken in: what it said, and the file as it was kept."""

    upload: Upload
    attachment: Attachment

    @property
    def project(self) -> Project:
        """The project it went to."""
        return self.attachment.project


def create_from_workbook(*, by: User, name: str, stream: IO[bytes]) -> Imported:
    """A new project of the workbook's good values, a draft where some are missing; the file is kept with it."""
    require_creator(by, None)
    require_workbook_size(stream)
    # Read before anything is locked: a hostile workbook takes seconds, and others would wait for the database.
    upload = read_workbook(stream, today=timezone.localdate())
    title = upload.title or PurePath(clean_name(name)).stem
    with transaction.atomic():
        project = create_project(by=by, title=title[:TITLE_LENGTH], inputs=upload.values)
        return Imported(upload, _keep(by, project, name, stream))


def keep_workbook(*, by: User, project: Project, name: str, stream: IO[bytes]) -> Imported:
    """The workbook kept with the project, for a look at what it would change; the project stays as it is."""
    require_edit(by, project)
    require_workbook_size(stream)
    upload = read_workbook(stream, today=timezone.localdate(), previous=project.inputs)
    return Imported(upload, _keep(by, project, name, stream))


def require_workbook_size(stream: IO[bytes]) -> None:
    """Nothing; UnreadableFile for a workbook larger than the setting allows."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > settings.ATLASNEXUS_WORKBOOK_MB * MEGABYTE:
        sentence = (
            f"Expected a workbook of at most {settings.ATLASNEXUS_WORKBOOK_MB} MB, got {size / MEGABYTE:,.1f} MB."
        )
        raise UnreadableFile("too_large", sentence, "Remove pictures and sheets of your own.")


def _keep(by: User, project: Project, name: str, stream: IO[bytes]) -> Attachment:
    # A workbook that was read is one, whatever it was called.
    named = name if clean_name(name).lower().endswith(".xlsx") else f"{name}.xlsx"
    return attach_file(by=by, project=project, name=named, stream=stream, purpose=Purpose.WORKBOOK)
