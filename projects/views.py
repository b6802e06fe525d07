"""Pages of projects: the list, one project, and the form with its figures as one types."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Forbidden, Invalid
from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.project import CAPEX_LINES, FIELDS, DerivedInputs, ProjectInputs, derive
from engine.terms import StructuringTerms
from projects import screen
from projects.access import get_project, require_edit
from projects.forms import QuickProjectForm
from projects.models import Project, Status
from projects.queries import list_projects, project_overview
from projects.services import create_project, edit_project

GROUPS = {
    "": "Place and currency",
    "power": "Power",
    "revenue": "Revenue",
    "lease": "Lease",
    "construction": "Construction",
    "credit": "Credit",
    "valuation": "Value",
}
RUNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the cost table, at internal and at market prices."""

    label: str
    internal_amount: float
    market_amount: float
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the NOI waterfall: it starts at `start_share` of gross revenue and is `share` wide."""

    label: str
    amount: float
    start_share: float
    share: float
    kind: str

    @property
    def x(self) -> str:
        """Where the bar starts, as an SVG takes it."""
        return f"{100 * self.start_share:.2f}%"

    @property
    def width(self) -> str:
        """How wide the bar is, as an SVG takes it."""
        return f"{100 * self.share:.2f}%"


@signed_in
@require_safe
def projects_list(request: PersonRequest) -> HttpResponse:
    """The projects this person may see, searched and filtered."""
    search, status = request.GET.get("search", "").strip(), request.GET.get("status", "")
    projects = list_projects(request.user, search=search, status=status, page=request.GET.get("page", "1"))
    counts = projects.counts_by_status
    context = {
        "section": "projects",
        "projects": projects,
        "search": search,
        "status": status,
        "statuses": [(s.value, s.label, counts.get(s.value, 0)) for s in Status if s is not Status.DELETED],
        "query": urlencode({"search": search, "status": status}),
        "has_any": bool(sum(counts.values()) or search or status),
        "can_create": can_create(request.user),
    }
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "projects/fragments/project_rows.html" if fragment else "projects/list.html", context)


@signed_in
@require_safe
def project_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One project: what was entered, what follows from it, and its runs."""
    overview = project_overview(request.user, code)
    context: dict[str, Any] = {
        "section": "projects",
        "project": overview.project,
        "overview": overview,
        "groups": input_groups(overview.project.inputs),
        "currency": overview.project.inputs.get("currency", ""),
        "runs": project_runs(overview.project),
    }
    if overview.inputs and overview.derived:
        context["costs"] = cost_lines(overview.inputs, overview.derived)
        context["steps"] = noi_steps(overview.derived)
    return render(request, "projects/detail.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: PersonRequest) -> HttpResponse:
    """The empty form; once sent, the new project."""
    if not can_create(request.user):
        raise Forbidden("Only sponsors and administrators enter projects.")
    form = QuickProjectForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not _may_save(request, form):
        return _form_page(request, form, None)
    try:
        project = create_project(
            by=request.user, title=form.cleaned_data["title"], inputs=form.payload, request=request
        )
    except Invalid as error:
        return _form_page(request, form, None, error)
    return _saved(request, project)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a project; once sent, the project as edited."""
    project = get_project(request.user, code)
    require_edit(request.user, project)
    form = QuickProjectForm(request.POST if request.method == "POST" else None, project=project)
    if request.method != "POST" or not _may_save(request, form):
        return _form_page(request, form, project)
    try:
        project = edit_project(
            by=request.user,
            project=project,
            title=form.cleaned_data["title"],
            inputs=form.payload,
            version=form.cleaned_data["version"] or 0,
            request=request,
        )
    except Invalid as error:
        return _form_page(request, form, project, error)
    return _saved(request, project)


@signed_in
@require_POST
def project_figures(request: PersonRequest) -> HttpResponse:
    """The figures that follow from the form as it stands; nothing is saved."""
    form = QuickProjectForm(request.POST, project=_project_behind(request))
    form.is_valid()
    return render(request, "projects/fragments/derived_figures.html", {**_figures(form), "is_swap": True})


def can_create(user: User) -> bool:
    """True for those who enter projects: sponsors and administrators."""
    return not user.is_internal


def project_runs(project: Project) -> QuerySet[Any]:
    """The latest runs of a project with what a line of a list shows of their summary."""
    runs = project.runs.select_related("requested_by", "snapshot").defer("summary", "lever_set", "terms")
    return runs.annotate(
        best_amount=F("summary__best__metrics__day_one_value"), tier_counts=F("summary__tiers")
    ).order_by("-created_at")[:RUNS_SHOWN]


def input_groups(inputs: dict[str, Any]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What was entered, by group: label, value and unit as a person reads them; empty fields are left out."""
    groups: dict[str, list[tuple[str, str, str]]] = {title: [] for title in GROUPS.values()}
    for spec in FIELDS:
        group, _, leaf = spec.path.rpartition(".")
        value = lookup(inputs, spec.path)
        if group in GROUPS and leaf and value is not None and value != "":
            groups[GROUPS[group]].append((spec.label, input_text(spec, value), screen.UNIT_TEXT.get(spec.unit, "")))
    return [(title, rows) for title, rows in groups.items() if rows]


def input_text(spec: FieldSpec, value: Any) -> str:
    """An input as a person reads it, without its unit."""
    if spec.kind is FieldKind.FLAG:
        return "Yes" if value else "No"
    return screen.choice_text(str(value)) if spec.kind is FieldKind.CHOICE else str(screen.shown(spec, value))


def cost_lines(inputs: ProjectInputs, derived: DerivedInputs) -> list[CostLine]:
    """Project costs line by line, internal beside market, down to the grand total."""
    internal, market = inputs.capex_internal, inputs.capex_market
    inside, outside = dict(internal.lines), dict(market.lines)
    named = [code for code in CAPEX_LINES if code in inside or code in outside]
    lines = [CostLine(CAPEX_LINES[code], inside.get(code, 0.0), outside.get(code, 0.0)) for code in named]
    land, fees = inputs.land, inputs.fees
    return [
        *lines,
        *_unless_zero("Construction phase fee", internal.construction_fee_amount, market.construction_fee_amount),
        *_unless_zero("Contingency", internal.contingency_amount, market.contingency_amount),
        CostLine("Capex", internal.total_amount, market.total_amount, is_total=True),
        *_unless_zero("Land, grid and stamp duty", land.total_amount, land.total_amount),
        *_unless_zero("Fees", fees.total_amount, fees.total_amount),
        CostLine("Project cost", derived.internal_cost_amount, derived.market_cost_amount, is_total=True),
    ]


def noi_steps(derived: DerivedInputs) -> list[Step]:
    """Year-1 revenue down to the cash for debt service, as bars of a waterfall."""
    year = derived.year_one
    whole = max(year.gross_revenue_amount, 1e-9)
    moves = [
        ("Electricity", year.electricity_amount),
        ("Operating costs", year.opex_amount),
        ("Net operating income", year.noi_amount),
        ("Asset management fee", year.asset_management_fee_amount),
        ("Cash for debt service", year.cfads_amount),
    ]
    steps, level = [Step("Gross revenue", whole, 0.0, 1.0, "sum")], whole
    for label, amount in moves:
        if label in ("Net operating income", "Cash for debt service"):
            steps.append(Step(label, amount, 0.0, _share(amount, whole), "sum"))
        elif amount:
            level -= amount
            steps.append(Step(label, -amount, _share(level, whole), _share(amount, whole), "cost"))
    return steps


def _share(amount: float, whole: float) -> float:
    return min(max(amount / whole, 0.0), 1.0)


def _unless_zero(label: str, internal_amount: float, market_amount: float) -> list[CostLine]:
    return [CostLine(label, internal_amount, market_amount)] if internal_amount or market_amount else []


def _may_save(request: PersonRequest, form: QuickProjectForm) -> bool:
    """True for a sound form, and for a faulty one kept as a draft, which needs its title at least."""
    sound, action = form.is_valid(), request.POST.get("action")
    if action == "draft":
        return bool(form.cleaned_data.get("title"))
    return sound and action == "save"


def _form_page(
    request: PersonRequest, form: QuickProjectForm, project: Project | None, error: Invalid | None = None
) -> HttpResponse:
    faulty = form.is_bound and (error is not None or not form.is_valid())
    context = {
        "section": "projects",
        "form": form,
        "project": project,
        "problems": error.problems if error else (),
        **_figures(form),
    }
    return render(request, "projects/form.html", context, status=422 if faulty else 200)


def _figures(form: QuickProjectForm) -> dict[str, Any]:
    inputs = form.inputs
    if inputs is None and not form.is_bound and form.stored:
        inputs = _sound_inputs(form.stored)
    derived = derive(inputs, StructuringTerms.from_dict()) if inputs else None
    return {
        "derived": derived,
        "steps": noi_steps(derived) if derived else [],
        "currency": str(inputs.currency) if inputs else "",
        "warnings": form.warnings,
        "error_count": sum(len(errors) for errors in form.errors.values()) if form.is_bound else 0,
        "form": form,
    }


def _sound_inputs(stored: dict[str, Any]) -> ProjectInputs | None:
    try:
        return ProjectInputs.from_dict(stored)
    except ValueError:
        return None


def _project_behind(request: PersonRequest) -> Project | None:
    code = request.POST.get("project", "")
    return get_project(request.user, code) if code else None


def _saved(request: PersonRequest, project: Project) -> HttpResponse:
    if project.is_complete:
        messages.success(request, "Saved. Every input is accepted.")
    else:
        messages.warning(request, "Saved as a draft. It can be run once every input is accepted.")
    return redirect("project-detail", project.code)
