from typing import Any

from django.urls import include, path

from api import views
from api.operations import ApiView
from api.v1 import accounts, projects
from projects.access import get_kept_project
from projects.services import archive_project, complete_project, duplicate_project, reopen_project, restore_project

app_name = "api"


def at(address: str, view: type[ApiView], name: str) -> Any:
    """An address of version 1."""
    return path(address, view.as_view(), name=name)


v1 = [
    at("me", accounts.MeView, "me"),
    at("tokens", accounts.Tokens, "tokens"),
    at("tokens/<uuid:code>/revoke", accounts.TokenRevoke, "token-revoke"),
    at("registrations", accounts.Registrations, "registrations"),
    at("registrations/<uuid:code>/approve", accounts.RegistrationApprove, "registration-approve"),
    at("registrations/<uuid:code>/decline", accounts.RegistrationDecline, "registration-decline"),
    at("audit", accounts.Audit, "audit"),
    at("projects", projects.ProjectList, "projects"),
    at("projects/<uuid:code>", projects.ProjectDetail, "project"),
    at("projects/<uuid:code>/complete", projects.step("complete_project", complete_project, "Marks a project as done."), "project-complete"),
    at("projects/<uuid:code>/reopen", projects.step("reopen_project", reopen_project, "Takes a completed project back into work."), "project-reopen"),
    at("projects/<uuid:code>/archive", projects.step("archive_project", archive_project, "Puts a project away: readable, not editable."), "project-archive"),
    at("projects/<uuid:code>/restore", projects.step("restore_project", restore_project, "Takes a project back from the archive or the bin.", get_kept_project), "project-restore"),
    at("projects/<uuid:code>/duplicate", projects.step("duplicate_project", duplicate_project, "Makes the caller a copy of a project's inputs."), "project-duplicate"),
    at("projects/<uuid:code>/move", projects.ProjectMove, "project-move"),
    at("projects/<uuid:code>/asset-class", projects.ProjectClass, "project-asset-class"),
    at("projects/<uuid:code>/snapshots", projects.ProjectSnapshots, "project-snapshots"),
    at("projects/<uuid:code>/submit", projects.ProjectSubmit, "project-submit"),
    at("snapshots/<uuid:code>", projects.SnapshotDetail, "snapshot"),
    at("submissions", projects.SubmissionList, "submissions"),
    at("submissions/<uuid:code>", projects.SubmissionDetail, "submission"),
    at("submissions/<uuid:code>/approve", projects.SubmissionApprove, "submission-approve"),
    at("submissions/<uuid:code>/reject", projects.SubmissionReject, "submission-reject"),
    at("submissions/<uuid:code>/withdraw", projects.SubmissionWithdraw, "submission-withdraw"),
    at("series", projects.SeriesList, "series-list"),
    at("series/<uuid:code>", projects.SeriesDetail, "series"),
    at("series/<uuid:code>/move", projects.SeriesMove, "series-move"),
    at("asset-classes", projects.AssetClasses, "asset-classes"),
]  # fmt: skip

urlpatterns = [
    path("api/docs/", views.docs, name="docs"),
    path("api/docs/<slug:room>/", views.docs_of, name="docs-of"),
    path("api/v1/openapi.json", views.openapi, name="openapi"),
    path("api/v1/", include((v1, "v1"))),
]
