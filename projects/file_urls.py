"""Addresses of workbooks and files."""

from django.urls import path

from projects.views import attachments, workbooks

urlpatterns = [
    path("projects/workbook/", workbooks.workbook_template, name="workbook-template"),
    path("projects/workbook/new/", workbooks.workbook_new, name="workbook-new"),
    path("projects/<uuid:code>/workbook/", workbooks.project_workbook, name="project-workbook"),
    path("projects/<uuid:code>/workbook/upload/", workbooks.workbook_upload, name="workbook-upload"),
    path("projects/<uuid:code>/files/", attachments.project_attachments, name="project-attachments"),
    path("projects/<uuid:code>/files/add/", attachments.attachment_add, name="attachment-add"),
    path("files/<uuid:code>/", attachments.attachment_download, name="attachment-download"),
    path("files/<uuid:code>/delete/", attachments.attachment_delete, name="attachment-delete"),
    path("files/<uuid:code>/workbook/", workbooks.workbook_report, name="workbook-report"),
    path("files/<uuid:code>/workbook/apply/", workbooks.workbook_apply, name="workbook-apply"),
]
