"""Files kept with a project, and projects as workbooks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils.text import slugify
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.projects import ProjectDetail, ProjectShown, project_now
from api.v1.shared import Of, Person, code_of
from lib.errors import NotFound
from lib.storage import open_content
from projects.access import get_project
from projects.attachments.access import get_attachment, kept_attachments
from projects.attachments.models import Attachment, Purpose
from projects.models import Project
from projects.services import apply_workbook, attach_file, create_from_workbook, delete_attachment, keep_workbook
from projects.services.import_workbook import Imported
from projects.workbook.write import Origin, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileShown(Of):
    """A file of a project."""

    code = serializers.UUIDField()
    project = code_of("project")
    purpose = serializers.ChoiceField(Purpose.choices)
    name = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    content_hash = serializers.CharField(help_text="SHA-256.")
    added_by = Person()
    added_at = serializers.DateTimeField()


class NewFile(Of):
    file = serializers.FileField(allow_empty_file=True)


class Finding(Of):
    """Something to say of a cell."""

    code = serializers.CharField()
    place = serializers.CharField()
    sheet = serializers.CharField()
    cell = serializers.CharField()
    message = serializers.CharField()


class ImportedShown(Of):
    """A workbook as it was read; the file is kept with its project."""

    project = serializers.UUIDField(source="project.code")
    file = serializers.UUIDField(source="attachment.code")
    problems = Finding(many=True, source="upload.problems")
    remarks = Finding(many=True, source="upload.remarks")


class ProjectFiles(UploadView):
    tag = "files"

    @operation("list_files", answer=FileShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Attachment]:
        """Lists the files of a project."""
        return kept_attachments(get_project(request.user, code)).select_related("project")

    @operation("add_file", scope=Scope.WRITE, body=NewFile, answer=FileShown, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Attachment:
        """Keeps a file with a project."""
        project, file = get_project(request.user, code), data["file"]
        return attach_file(by=request.user, project=project, name=file.name, stream=file)


class FileDetail(ApiView):
    tag = "files"

    @operation("read_file", answer=FileShown)
    def get(self, request: Caller, code: UUID) -> Attachment:
        """Reads what is known of a file."""
        return get_attachment(request.user, code)

    @operation("delete_file", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Deletes a file."""
        delete_attachment(by=request.user, attachment=get_attachment(request.user, code))


class FileContent(ApiView):
    tag = "files"

    @operation("download_file", file="*/*")
    def get(self, request: Caller, code: UUID) -> FileResponse:
        """Takes a file away."""
        attachment = get_attachment(request.user, code)
        try:
            content = open_content(attachment.content_hash)
        except FileNotFoundError:
            raise NotFound("The content of this file is missing in the storage: tell the administrator.") from None
        return FileResponse(content, as_attachment=True, filename=attachment.name)


class WorkbookApply(ApiView):
    tag = "files"

    @operation("apply_workbook", scope=Scope.WRITE, answer=ProjectShown)
    def post(self, request: Caller, code: UUID) -> Project:
        """Puts the good values of a kept workbook into its project."""
        attachment = get_attachment(request.user, code)
        done = apply_workbook(by=request.user, attachment=attachment, version=attachment.project.version)
        return project_now(request, done.code)


class ProjectWorkbook(UploadView):
    tag = "files"
    current = ProjectDetail

    @operation("download_workbook", file=XLSX)
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes a project away as a workbook."""
        project = get_project(request.user, code)
        content = write_workbook(project.title, project.inputs, Origin(project.code, project.version))
        return _workbook(content, f"{slugify(project.title)[:80] or 'project'}-v{project.version}.xlsx")

    @operation("keep_workbook", scope=Scope.WRITE, body=NewFile, answer=ImportedShown, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Imported:
        """Keeps a workbook with a project, and says what it would change; apply_workbook changes it."""
        project, file = get_project(request.user, code), data["file"]
        return keep_workbook(by=request.user, project=project, name=file.name, stream=file)


class Workbooks(UploadView):
    tag = "files"

    @operation("download_template", file=XLSX)
    def get(self, request: Caller) -> HttpResponse:
        """Takes the empty workbook away."""
        return _workbook(write_workbook(), "atlas-nexus-template.xlsx")

    @operation("import_workbook", scope=Scope.WRITE, body=NewFile, answer=ImportedShown, status=201, whole=False)
    def post(self, request: Caller, data: dict[str, Any]) -> Imported:
        """Enters a project by workbook: a draft where values are missing."""
        return create_from_workbook(by=request.user, name=data["file"].name, stream=data["file"])


def _workbook(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
