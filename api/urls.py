from typing import Any

from django.urls import include, path

from api import views
from api.operations import ApiView
from api.v1 import (
    accounts,
    documents,
    files,
    financings,
    jobs,
    notifications,
    permutations,
    projects,
    ratings,
    searches,
    securitisation,
    webhooks,
)
from projects.access import get_kept_project
from projects.services import archive_project, complete_project, duplicate_project, reopen_project, restore_project

app_name = "api"


def at(address: str, view: type[ApiView], name: str) -> Any:
    """An address of version 1."""
    return path(address, view.as_view(), name=name)


def of_versions(noun: str, views: dict[str, type[ApiView]]) -> list[Any]:
    """The addresses of a kind of versions: rule-sets, rule-set, rule-set-export."""
    named = {"": f"{noun}s", "/<uuid:code>": noun}
    return [
        at(f"{noun}s{end}", view, named.get(end, f"{noun}-{end.rpartition('/')[2]}")) for end, view in views.items()
    ]


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
    at("projects/<uuid:code>/files", files.ProjectFiles, "project-files"),
    at("projects/<uuid:code>/workbook", files.ProjectWorkbook, "project-workbook"),
    at("workbooks", files.Workbooks, "workbooks"),
    at("files/<uuid:code>", files.FileDetail, "file"),
    at("files/<uuid:code>/content", files.FileContent, "file-content"),
    at("files/<uuid:code>/apply", files.WorkbookApply, "file-apply"),
    *of_versions("rule-set", ratings.RULE_SETS),
    *of_versions("market-set", ratings.MARKET_SETS),
    at("scenario-sets", ratings.ScenarioSets, "scenario-sets"),
    at("scenario-sets/<uuid:code>", ratings.ScenarioSetDetail, "scenario-set"),
    at("scenario-sets/<uuid:code>/share", ratings.ScenarioSetShare, "scenario-set-share"),
    at("levers", permutations.Levers, "levers"),
    at("levers/measure", permutations.LeverSpace, "levers-measure"),
    at("result-columns", permutations.Columns, "result-columns"),
    at("projects/<uuid:code>/runs", permutations.ProjectRuns, "project-runs"),
    at("runs", permutations.Runs, "runs"),
    at("runs/<uuid:code>", permutations.RunDetail, "run"),
    at("runs/<uuid:code>/summary", permutations.RunSummary, "run-summary"),
    at("runs/<uuid:code>/resume", permutations.RunResume, "run-resume"),
    at("runs/<uuid:code>/rejudge", permutations.RunRejudge, "run-rejudge"),
    at("runs/<uuid:code>/results", permutations.Results, "results"),
    at("runs/<uuid:code>/results/export", permutations.ResultExport, "results-export"),
    at("runs/<uuid:code>/results/<str:index>", permutations.ResultDetail, "result"),
    at("runs/<uuid:code>/results/<str:index>/open", permutations.ResultOpen, "result-open"),
    at("runs/<uuid:code>/searches", searches.RunSearches, "run-searches"),
    at("searches/<uuid:code>", searches.SearchDetail, "search"),
    at("searches/<uuid:code>/points/<str:index>/open", searches.SearchOpen, "search-open"),
    at("submissions/<uuid:code>/impact", permutations.SubmissionImpact, "submission-impact"),
    at("price", financings.Price, "price"),
    at("projects/<uuid:code>/financings", financings.ProjectFinancings, "project-financings"),
    at("financings", financings.Financings, "financings"),
    at("financings/<uuid:code>", financings.FinancingDetail, "financing"),
    at("financings/<uuid:code>/detail", financings.FinancingFigures, "financing-detail"),
    at("financings/<uuid:code>/stress", financings.FinancingStress, "financing-stress"),
    at("financings/<uuid:code>/simulations", financings.FinancingSimulations, "financing-simulations"),
    at("simulations/<uuid:code>", financings.SimulationDetail, "simulation"),
    at("financings/<uuid:code>/evidence", financings.FinancingEvidence, "financing-evidence"),
    at("financings/<uuid:code>/compliance", financings.Compliance, "financing-compliance"),
    at("financings/<uuid:code>/model", documents.LiveModel, "financing-model"),
    at("financings/<uuid:code>/packs", documents.FinancingPacks, "financing-packs"),
    at("packs", documents.Packs, "packs"),
    at("packs/<uuid:code>", documents.PackDetail, "pack"),
    at("packs/<uuid:code>/issue", documents.PackIssue, "pack-issue"),
    at("packs/<uuid:code>/withdraw", documents.PackWithdraw, "pack-withdraw"),
    at("packs/<uuid:code>/retry", documents.PackRetry, "pack-retry"),
    at("packs/<uuid:code>/archive", documents.PackArchive, "pack-archive"),
    at("packs/<uuid:code>/manifest", documents.PackManifest, "pack-manifest"),
    at("packs/<uuid:code>/links", documents.PackLinks, "pack-links"),
    at("links/<uuid:code>/revoke", documents.LinkRevoke, "link-revoke"),
    at("documents/<uuid:code>/file", documents.DocumentFile, "document-file"),
    at("documents/<uuid:code>/again", documents.DocumentAgain, "document-again"),
    at("loan-pools", securitisation.Pools, "loan-pools"),
    at("loan-pools/<uuid:code>", securitisation.PoolDetail, "loan-pool"),
    at("structures", securitisation.Structures, "structures"),
    at("structures/<uuid:code>", securitisation.StructureDetail, "structure"),
    at("structures/<uuid:code>/versions", securitisation.StructureVersions, "structure-versions"),
    at("structures/<uuid:code>/runs", securitisation.StructureRuns, "structure-runs"),
    at("notes-runs/<uuid:code>", securitisation.NotesRunDetail, "notes-run"),
    at("jobs", jobs.Jobs, "jobs"),
    at("jobs/<uuid:code>", jobs.JobDetail, "job"),
    at("jobs/<uuid:code>/progress", jobs.JobProgress, "job-progress"),
    at("jobs/<uuid:code>/events", jobs.JobEvents, "job-events"),
    at("jobs/<uuid:code>/cancel", jobs.JobCancel, "job-cancel"),
    at("webhooks", webhooks.Webhooks, "webhooks"),
    at("webhooks/<uuid:code>", webhooks.WebhookDetail, "webhook"),
    at("webhooks/<uuid:code>/deliveries", webhooks.Deliveries, "webhook-deliveries"),
    at("deliveries/<uuid:code>/again", webhooks.Redelivery, "delivery-again"),
    at("notifications", notifications.Notifications, "notifications"),
    at("notifications/<uuid:code>/read", notifications.NotificationRead, "notification-read"),
]  # fmt: skip

urlpatterns = [
    path("api/docs/", views.docs, name="docs"),
    path("api/docs/<slug:room>/", views.docs_of, name="docs-of"),
    path("api/v1/openapi.json", views.openapi, name="openapi"),
    path("api/v1/", include((v1, "v1"))),
]
