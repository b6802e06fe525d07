"""Projects: their inputs, series, snapshots, submissions and change requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.fields import EngineField
from api.operations import ApiView, Caller, operation
from api.v1.shared import Found, Of, Person, Reason, code_of
from engine.project import Country
from lib.errors import NotFound
from projects.access import (
    get_comment,
    get_project,
    get_series,
    get_submission,
    visible_projects,
    visible_series,
    visible_submissions,
)
from projects.asset_classes import asset_classes
from projects.models import (
    NOTE_LENGTH,
    PLACE_LENGTH,
    Project,
    Series,
    Snapshot,
    Status,
    Submission,
    SubmissionComment,
    SubmissionStatus,
)
from projects.queries import ProjectOverview, project_overview
from projects.services import (
    add_asset_class,
    approve_submission,
    comment_on_submission,
    create_project,
    create_series,
    delete_project,
    delete_series,
    edit_project,
    move_project,
    move_series,
    reject_submission,
    rename_series,
    set_asset_class,
    settle_comment,
    submit_project,
    take_snapshot,
    withdraw_submission,
)

EXAMPLE = {"title": "North campus", "inputs": {"country": "UK", "currency": "GBP"}}


class ProjectLine(Of):
    """A project in a list."""

    code = serializers.UUIDField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    owner = Person()
    series = code_of("series", allow_null=True)
    asset_class = serializers.CharField()
    country = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    gross_facility_mw = serializers.FloatField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ProjectShown(ProjectLine):
    """A project with its inputs, what is wrong with them, and where its review stands."""

    inputs = EngineField("inputs")
    problems = Found(many=True)
    warnings = Found(many=True)
    review = serializers.ChoiceField(["not_submitted", "waiting", "approved", "rejected"])
    approved_snapshot = serializers.UUIDField(allow_null=True)


class NewProject(Of):
    """Title and inputs. What is wrong with the inputs is told in the answer: good values are kept, as a draft."""

    title = serializers.CharField(max_length=255)
    inputs = EngineField("inputs", default=dict)


class EditedProject(Of):
    """The whole of a project's title and inputs."""

    title = serializers.CharField(max_length=255)
    inputs = EngineField("inputs")


class ProjectQuery(Of):
    search = serializers.CharField(required=False, max_length=200, help_text="In the title.")
    status = serializers.ChoiceField(Status.choices, required=False)
    country = serializers.ChoiceField([each.value for each in Country], required=False)
    series = serializers.UUIDField(required=False)


class SnapshotShown(Of):
    """Inputs as they stood once, under the SHA-256 of their content."""

    code = serializers.UUIDField()
    project = code_of("project")
    version = serializers.IntegerField()
    content = EngineField("inputs")
    content_hash = serializers.CharField()
    created_at = serializers.DateTimeField()


class SubmissionShown(Of):
    """A snapshot sent for approval; a change request where an approved one stands already."""

    code = serializers.UUIDField()
    project = code_of("project")
    snapshot = code_of("snapshot")
    version = serializers.IntegerField(source="snapshot.version")
    base = code_of("base", allow_null=True)
    is_change_request = serializers.BooleanField()
    status = serializers.ChoiceField(SubmissionStatus.choices)
    note = serializers.CharField()
    submitted_by = Person()
    submitted_at = serializers.DateTimeField()
    decided_by = Person(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class SubmissionQuery(Of):
    status = serializers.ChoiceField(SubmissionStatus.choices, required=False)
    project = serializers.UUIDField(required=False)


class Note(Of):
    note = serializers.CharField(allow_blank=True, default="", max_length=4_000)


class SubmissionCommentShown(Of):
    """What somebody said about a submission, or about one of its inputs."""

    code = serializers.UUIDField()
    submission = code_of("submission")
    place = serializers.CharField(help_text="The input's path; empty for the submission as a whole.")
    text = serializers.CharField()
    made_by = Person()
    made_at = serializers.DateTimeField()
    settled_by = Person(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class NewSubmissionComment(Of):
    place = serializers.CharField(allow_blank=True, default="", max_length=PLACE_LENGTH)
    text = serializers.CharField(max_length=NOTE_LENGTH)


class SeriesShown(Of):
    """A person's folder of projects."""

    code = serializers.UUIDField()
    title = serializers.CharField()
    owner = Person()
    position = serializers.IntegerField()


class SeriesTitle(Of):
    title = serializers.CharField(max_length=120)


class Places(Of):
    places = serializers.IntegerField(min_value=-10_000, max_value=10_000, help_text="Down; up where negative.")


class Move(Of):
    """Where the project goes: into a series or none, beside another project or to the end."""

    series = serializers.UUIDField(allow_null=True, default=None)
    before = serializers.UUIDField(allow_null=True, default=None)
    after = serializers.UUIDField(allow_null=True, default=None)


class AssetClassShown(Of):
    """What is financed; rating rules are written for one of these."""

    code = serializers.CharField()
    name = serializers.CharField()


class AssetClassList(Of):
    """Every asset class."""

    items = AssetClassShown(many=True)


class AssetClassGiven(Of):
    asset_class = serializers.CharField(max_length=40)


class NewAssetClass(Of):
    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)


def shown_project(overview: ProjectOverview) -> Project:
    """The project with what its page says of it besides."""
    project: Any = overview.project
    approved = overview.review.approved
    project.problems, project.warnings = overview.problems, overview.warnings
    project.review = overview.review.stage
    project.approved_snapshot = approved.snapshot.code if approved else None
    found: Project = project
    return found


def project_now(request: Caller, code: UUID) -> Project:
    """The project as it stands."""
    return shown_project(project_overview(request.user, code))


class ProjectList(ApiView):
    tag = "projects"

    @operation("list_projects", query=ProjectQuery, answer=ProjectLine, pages="updated_at")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Project]:
        """Lists the projects the caller may read, those edited last first."""
        found = visible_projects(request.user).select_related("owner", "series").defer("inputs")
        names = {"status": "status", "country": "country", "series": "series__code", "search": "title__icontains"}
        return found.filter(**{column: query[name] for name, column in names.items() if query.get(name)})

    @operation("create_project", scope=Scope.WRITE, body=NewProject, answer=ProjectShown, status=201, example=EXAMPLE)
    def post(self, request: Caller, data: dict[str, Any]) -> Project:
        """Enters a project: active where the engine accepts every input, else a draft that keeps the good values."""
        made = create_project(by=request.user, **data)
        overview = project_overview(request.user, made.code)
        return shown_project(overview)


class ProjectDetail(ApiView):
    tag = "projects"
    root = "inputs"

    @operation("read_project", answer=ProjectShown)
    def get(self, request: Caller, code: UUID) -> Project:
        """Reads a project with its inputs."""
        return project_now(request, code)

    @operation("edit_project", scope=Scope.WRITE, body=EditedProject, answer=ProjectShown, needs_match=True)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Project:
        """Puts a new title and inputs in place of the old; of an approved project this makes a change request."""
        project = get_project(request.user, code)
        edit_project(by=request.user, project=project, version=project.version, **data)
        return project_now(request, code)

    @operation("delete_project", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Puts a project into the bin of those who keep it."""
        delete_project(by=request.user, project=get_project(request.user, code))


class Step(ApiView):
    """A step in a project's life."""

    tag = "projects"
    current = ProjectDetail
    verb: ClassVar[Callable[..., Project]]


def step(name: str, verb: Callable[..., Project], sentence: str, get: Callable[..., Project] = get_project) -> Any:
    """The view of one verb that takes a project and nothing else."""

    def post(self: Step, request: Caller, code: UUID) -> Project:
        done = verb(by=request.user, project=get(request.user, code))
        return project_now(request, done.code)

    post.__doc__ = sentence
    made = operation(name, scope=Scope.WRITE, answer=ProjectShown)(post)
    return type(name, (Step,), {"post": made})


class ProjectMove(ApiView):
    tag = "projects"

    @operation("move_project", scope=Scope.WRITE, body=Move, answer=ProjectShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Project:
        """Moves a project into a series, and beside another."""
        user, project = request.user, get_project(request.user, code)
        beside = {side: get_project(user, data[side]) for side in ("before", "after") if data[side]}
        series = get_series(user, data["series"]) if data["series"] else None
        move_project(by=user, project=project, series=series, **beside)
        return project_now(request, code)


class ProjectClass(ApiView):
    tag = "projects"
    current = ProjectDetail

    @operation("set_asset_class", scope=Scope.WRITE, body=AssetClassGiven, answer=ProjectShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Project:
        """Makes a project one of another asset class."""
        set_asset_class(by=request.user, project=get_project(request.user, code), **data)
        return project_now(request, code)


class ProjectSnapshots(ApiView):
    tag = "projects"
    current = ProjectDetail

    @operation("list_snapshots", answer=SnapshotShown, pages="version")
    def get(self, request: Caller, code: UUID) -> QuerySet[Snapshot]:
        """Lists the snapshots of a project, the latest first."""
        return Snapshot.objects.filter(project=get_project(request.user, code)).select_related("project")

    @operation("take_snapshot", scope=Scope.WRITE, answer=SnapshotShown, status=201)
    def post(self, request: Caller, code: UUID) -> Snapshot:
        """Freezes a project's inputs; the same content is the same snapshot."""
        return take_snapshot(by=request.user, project=get_project(request.user, code))


class SnapshotDetail(ApiView):
    tag = "projects"

    @operation("read_snapshot", answer=SnapshotShown)
    def get(self, request: Caller, code: UUID) -> Snapshot:
        """Reads a snapshot."""
        rows = Snapshot.objects.filter(project__in=visible_projects(request.user)).select_related("project")
        found = rows.filter(code=code).first()
        if found is None:
            raise NotFound("There is no such snapshot.")
        return found


class ProjectSubmit(ApiView):
    tag = "reviews"
    current = ProjectDetail

    @operation("submit_project", scope=Scope.WRITE, body=Note, answer=SubmissionShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Submission:
        """Sends a project's inputs for approval; the same inputs are the same submission."""
        made = submit_project(by=request.user, project=get_project(request.user, code), **data)
        return get_submission(request.user, made.code)


class SubmissionList(ApiView):
    tag = "reviews"

    @operation("list_submissions", query=SubmissionQuery, answer=SubmissionShown, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Submission]:
        """Lists submissions and change requests, the latest first."""
        found = visible_submissions(request.user)
        names = {"status": "status", "project": "project__code"}
        return found.filter(**{column: query[name] for name, column in names.items() if query.get(name)})


class SubmissionDetail(ApiView):
    tag = "reviews"

    @operation("read_submission", answer=SubmissionShown)
    def get(self, request: Caller, code: UUID) -> Submission:
        """Reads a submission."""
        return get_submission(request.user, code)


class SubmissionApprove(ApiView):
    tag = "reviews"
    current = SubmissionDetail

    @operation("approve_submission", scope=Scope.ISSUE, body=Reason, answer=SubmissionShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Submission:
        """Approves a submission: its snapshot is what runs take from now on."""
        found = get_submission(request.user, code)
        return approve_submission(by=request.user, submission=found, comment=data["reason"])


class SubmissionReject(ApiView):
    tag = "reviews"
    current = SubmissionDetail

    @operation("reject_submission", scope=Scope.ISSUE, body=Reason, answer=SubmissionShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Submission:
        """Rejects a submission, for a reason its owner reads."""
        return reject_submission(by=request.user, submission=get_submission(request.user, code), **data)


class SubmissionWithdraw(ApiView):
    tag = "reviews"
    current = SubmissionDetail

    @operation("withdraw_submission", scope=Scope.WRITE, body=Reason, answer=SubmissionShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Submission:
        """Withdraws a submission; the inputs stay as they are."""
        return withdraw_submission(by=request.user, submission=get_submission(request.user, code), **data)


class SubmissionComments(ApiView):
    tag = "reviews"

    @operation("list_submission_comments", answer=SubmissionCommentShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[SubmissionComment]:
        """Lists what was said about a submission, the latest first; `place` is the input's path, empty for the whole."""
        found = get_submission(request.user, code)
        return found.comments.select_related("submission", "made_by", "settled_by")

    @operation(
        "comment_on_submission", scope=Scope.WRITE, body=NewSubmissionComment, answer=SubmissionCommentShown, status=201
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> SubmissionComment:
        """Comments on a submission or one of its inputs; those concerned are told."""
        return comment_on_submission(by=request.user, submission=get_submission(request.user, code), **data)


class CommentSettle(ApiView):
    tag = "reviews"

    @operation("settle_comment", scope=Scope.WRITE, answer=SubmissionCommentShown)
    def post(self, request: Caller, code: UUID) -> SubmissionComment:
        """Settles a comment: it is dealt with."""
        return settle_comment(by=request.user, comment=get_comment(request.user, code))


class SeriesList(ApiView):
    tag = "projects"

    @operation("list_series", answer=SeriesShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Series]:
        """Lists series."""
        return visible_series(request.user).select_related("owner")

    @operation("create_series", scope=Scope.WRITE, body=SeriesTitle, answer=SeriesShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Series:
        """Makes a series, the caller's last."""
        return create_series(by=request.user, **data)


class SeriesDetail(ApiView):
    tag = "projects"

    @operation("read_series", answer=SeriesShown)
    def get(self, request: Caller, code: UUID) -> Series:
        """Reads a series."""
        return get_series(request.user, code)

    @operation("rename_series", scope=Scope.WRITE, body=SeriesTitle, answer=SeriesShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Series:
        """Gives a series another name."""
        return rename_series(by=request.user, series=get_series(request.user, code), **data)

    @operation("delete_series", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Deletes a series; its projects are in none."""
        delete_series(by=request.user, series=get_series(request.user, code))


class SeriesMove(ApiView):
    tag = "projects"
    current = SeriesDetail

    @operation("move_series", scope=Scope.WRITE, body=Places, answer=SeriesShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Series:
        """Moves a series among its owner's."""
        return move_series(by=request.user, series=get_series(request.user, code), **data)


class AssetClasses(ApiView):
    tag = "projects"

    @operation("list_asset_classes", answer=AssetClassList)
    def get(self, request: Caller) -> dict[str, Any]:
        """Lists the asset classes."""
        return {"items": [{"code": code, "name": name} for code, name in asset_classes().items()]}

    @operation("add_asset_class", scope=Scope.WRITE, body=NewAssetClass, answer=AssetClassShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Any:
        """Adds an asset class, for projects and rating rules to be of."""
        return add_asset_class(by=request.user, **data)
