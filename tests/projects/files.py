"""Files of a project, for tests that ask who may have them."""

from io import BytesIO

from projects.attachments.models import Attachment
from projects.models import Project
from projects.services import attach_file, keep_workbook
from projects.workbook.write import write_workbook


def kept_files(project: Project) -> dict[str, Attachment]:
    """A workbook of its inputs, and a document that may be deleted."""
    workbook = BytesIO(write_workbook(project.title, project.inputs))
    owner = project.owner
    return {
        "workbook": keep_workbook(by=owner, project=project, name="campus.xlsx", stream=workbook).attachment,
        "document": attach_file(by=owner, project=project, name="old.txt", stream=BytesIO(b"old")),
    }
