"""What the API takes and answers, from its description by generate.py: changed there, never here."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

BasketState = Literal["draft", "waiting", "approved", "rejected", "booked"]


BreakState = Literal["open", "proposed", "resolved", "gone"]


ChannelKind = Literal["sftp", "s3"]


CheckShownStatusEnum = Literal["OK", "REVIEW", "BLOCK"]


ChoiceEnum = Literal["match", "split", "not_duplicate"]


ColumnsEnum = Literal[
    "id",
    "issue",
    "issuer",
    "industry",
    "country",
    "currency",
    "own_par",
    "fx",
    "par",
    "defaulted",
    "spread",
    "recovery",
    "wal",
    "rating",
    "factor",
    "price",
    "carried",
    "rule",
    "maturity",
    "s_p_rating",
    "s_p_industry",
    "seniority",
    "coupon",
    "bought_at",
]


Delivered = Literal["breaks", "pack", "report", "emir", "cftc", "mifir"]


DeliveryShownStateEnum = Literal["waiting", "delivered", "failed"]


DeliveryWay = Literal["folder", "channel", "link"]


DoEnum = Literal["set", "add", "multiply"]


DocumentState = Literal["waiting", "working", "done", "failed"]


Encryption = Literal["zip", "pgp"]


EvidenceState = Literal["shown", "refuted", "taken_back"]


ExportFormat = Literal["csv", "xlsx", "json", "xml", "parquet"]


FilePurpose = Literal["document", "workbook"]


FormEnum = Literal["csv", "xlsx", "pdf", "pptx"]


FormatEnum = Literal["fpml", "fixml", "fix", "mapped", "document", "house"]


JobState = Literal["queued", "working", "done", "failed", "cancelled"]


KindEnum = Literal["prices", "factors", "risk_model", "indices"]


ObjectiveEnum = Literal["day_one_value", "senior_raise", "wacc", "equity_irr"]


OperatorEnum = Literal[">=", "<="]


OrganisationRole = Literal["owner", "editor", "reader"]


PackStatus = Literal["draft", "issuing", "issued", "withdrawn"]


PanelImportState = Literal["open", "taken", "discarded"]


PoolPurpose = Literal["pool", "candidates"]


ProjectStatus = Literal["draft", "active", "completed", "archived", "deleted"]


ReceivedFileState = Literal["read", "partly", "refused", "superseded", "check"]


ReviewEnum = Literal["not_submitted", "waiting", "approved", "rejected"]


RoleEnum = Literal["sponsor", "internal", "admin"]


ScopesEnum = Literal["read", "write", "run", "issue"]


SectionsEnum = Literal["coverage", "concentration", "quality", "collateral", "payment", "assets"]


SeverityEnum = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]


SideEnum = Literal["buy", "sell"]


SourceRole = Literal["internal", "broker", "ccp", "prices"]


StandingEnum = Literal["Valid", "Expired", "Revoked"]


StandsEnum = Literal["missing", "shown", "refuted", "taken_back"]


StatementStateEnum = Literal["received", "waiting", "late"]


StepEnum = Literal["begin", "submit", "pass_risk", "reject_risk", "approve", "reject", "reopen", "archive"]


StrategyState = Literal["created", "research", "risk_review", "compliance", "approved", "exported", "archived"]


SubmissionStatus = Literal["pending", "approved", "rejected", "withdrawn", "superseded"]


TapeState = Literal["open", "applied", "discarded"]


TaskEnum = Literal["signals", "optimise", "backtest", "risk", "scenarios", "roles"]


VersionStatus = Literal["draft", "waiting", "active"]


WhatEnum = Literal["otc", "listed", "positions", "nway", "cash"]


class Age(TypedDict):
    age: str
    by_severity: dict[str, int]
    total: int


class AgeingShown(TypedDict):
    """Personal data that go with age; `kept_days` 0: for good."""

    title: str
    kept_days: int
    too_old: int
    next_at: str | None


class AgesShown(TypedDict):
    """Unsettled breaks by age."""

    ages: list[Age]


class AlertShown(TypedDict):
    """A limit that is crossed now."""

    name: str
    severity: str
    summary: str
    section: str
    measure: str
    limit: float


class AssetClassList(TypedDict):
    """Every asset class."""

    items: list[AssetClassShown]


class AssetClassShown(TypedDict):
    """What is financed; rating rules are written for one of these."""

    code: str
    name: str


class AssetEditRequest(TypedDict):
    column: str
    do: NotRequired[DoEnum]
    value: str


class BackupShown(TypedDict):
    """The newest backup, and what is wrong with it."""

    name: str
    made_at: str
    size_bytes: int
    verified_at: str | None
    problems: list[str]


class BasketShown(TypedDict):
    """Trades on a pool, on their way to a second person and into the next pool."""

    code: str
    deal: str
    pool: str
    name: str
    trades: list[TradeShown]
    state: BasketState
    reason: str
    made_by: Person
    decided_by: Person | None
    created_at: str
    decided_at: str | None


class Best(TypedDict):
    """The best permutation of a run."""

    index: int


class BreakPackShown(TypedDict):
    """Breaks with everything behind them as one archive; its parts stand in `summary` when it is done."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    breaks: list[str]
    format: ExportFormat
    with_files: bool
    name: str
    sha256: str
    size_bytes: int
    summary: dict[str, Any]


class BreakRead(TypedDict):
    """A break with the group of the run that found it last, and its differences."""

    code: str
    definition: str
    type: str
    severity: str
    score: int
    amount: str
    currency: str
    product: str
    counterparty: str
    reference: str
    cause: str
    cluster: str
    team: str
    owner: Person | None
    state: BreakState
    opened_at: str
    answer_by: str
    resolve_by: str
    escalated_at: str | None
    resolution: str
    proposed_by: Person | None
    settled_by: Person | None
    settled_at: str | None
    run: NotRequired[str | None]
    group_number: NotRequired[int | None]
    detail: NotRequired[dict[str, Any]]


class BreakShown(TypedDict):
    """What two books do not agree on, from the first run that found it until it is settled."""

    code: str
    definition: str
    type: str
    severity: str
    score: int
    amount: str
    currency: str
    product: str
    counterparty: str
    reference: str
    cause: str
    cluster: str
    team: str
    owner: Person | None
    state: BreakState
    opened_at: str
    answer_by: str
    resolve_by: str
    escalated_at: str | None
    resolution: str
    proposed_by: Person | None
    settled_by: Person | None
    settled_at: str | None


class BreaksShown(TypedDict):
    """The breaks as they are now; those that were settled before are left out."""

    breaks: list[BreakShown]


class Candidates(TypedDict):
    """Candidates, best first: those that keep every test, then by the objective."""

    items: list[RankedShown]


class CashScenarioShown(TypedDict):
    """Assumptions under a name."""

    code: str
    deal: str
    name: str
    terms: dict[str, Any]
    made_by: Person
    created_at: str


class CellEditShown(TypedDict):
    row: int
    asset: str
    column: str
    before: str
    after: str


class CellProblemShown(TypedDict):
    """What is wrong at one cell; a warning where it does not refuse its row. Rows of data count from 1."""

    row: int
    column: str
    code: str
    message: str
    refuses: bool


class CellValueRequest(TypedDict):
    """A cell's new value, in the engine's units, and where it comes from."""

    value: Any
    provenance: str
    source: str


class ChangeShown(TypedDict):
    """One test before and after."""

    number: int
    name: str
    before: str | None
    after: str | None
    change: str | None
    threshold: str | None
    status_before: str
    status_after: str
    is_worse: bool


class ChannelShown(TypedDict):
    """A channel as it is set up."""

    kind: ChannelKind
    address: NotRequired[str]
    user: str
    host_key: NotRequired[str]
    region: NotRequired[str]
    bucket: NotRequired[str]
    folder: NotRequired[str]
    pattern: NotRequired[str]
    done_folder: NotRequired[str]
    every_minutes: NotRequired[int]
    is_active: NotRequired[bool]
    next_at: str
    failed_count: int


class CheckShown(TypedDict):
    """The rules on a version's orders."""

    code: str
    version: str
    status: CheckShownStatusEnum
    reasons: list[dict[str, Any]]
    inputs_hash: str
    made_by: Person
    created_at: str


class Choice(TypedDict):
    rent_per_kw_month: NotRequired[float]
    opex_ratio: NotRequired[float]
    pue: NotRequired[float]
    indexation: NotRequired[Literal["none", "fixed", "cpi"]]
    cpi_floor_rate: NotRequired[float]
    cpi_cap_rate: NotRequired[float]
    senior_tenor_years: NotRequired[float]
    senior_amortisation: NotRequired[
        Literal["annuity", "straight_line", "sculpted", "interest_only", "partial", "cash_sweep"]
    ]
    senior_coupon_rate: NotRequired[float]
    senior_dscr: NotRequired[float]
    wrap: NotRequired[Literal["none", "senior"]]
    grace_months: NotRequired[float]
    over_raise_ratio: NotRequired[float]
    mezzanine: NotRequired[Literal["none", "sized"]]
    mezz_dscr: NotRequired[float]
    mezz_coupon_rate: NotRequired[float]
    mezz_tenor_years: NotRequired[float]
    mezz_amortisation: NotRequired[Literal["annuity", "straight_line", "sculpted", "interest_only", "partial"]]
    zcis_tenor_years: NotRequired[Literal[0, 5, 10]]
    trs_share: NotRequired[float]
    dsra_months: NotRequired[float]
    equity_irr_rate: NotRequired[float]


class Cluster(TypedDict):
    cluster: str
    count: int
    type: str
    product: str
    counterparty: str
    cause: str


class Clusters(TypedDict):
    """Open breaks that look alike, the largest cluster first."""

    clusters: list[Cluster]


class ColumnList(TypedDict):
    """Every column."""

    items: list[ColumnShown]


class ColumnShown(TypedDict):
    """What a column of results means."""

    name: str
    title: str
    unit: str
    group: str
    help: str
    dtype: str
    words: dict[str, str]


class CommentShown(TypedDict):
    """What somebody said of a break; never changed."""

    by: Person
    text: str
    at: str


class ComparisonShown(TypedDict):
    """What is kept side by side, and why."""

    code: str
    owner: Person
    name: str
    note: str
    is_starred: bool
    of: list[str]
    created_at: str


class ComplianceShown(TypedDict):
    """Every check with its value, limit, headroom, verdict and source."""

    report: ComplianceShownReport


class ComplianceShownReport(TypedDict):
    """All that was checked of one financing, under which rules, on which inputs, by which engine."""

    form: str
    project: dict[str, str]
    financing: dict[str, str]
    run: dict[str, Any] | None
    snapshot: dict[str, Any]
    rule_set: dict[str, Any]
    engine_version: str
    permutation: int | None
    levers: dict[str, float | str | None]
    lever_labels: dict[str, str]
    currency: str
    jurisdiction: str
    verdict: dict[str, Any]
    binding: ReportBinding | None
    sections: list[ReportSections]
    stress: ReportStress
    flags: list[str]
    remediation: ReportRemediation
    repo: list[ReportRepo]
    agency_readings: list[dict[str, Any]]
    rating_symbols: dict[str, str]
    evidence: list[ReportEvidence]
    simulation: ReportSimulation | None
    scenario_sets: list[ReportScenarioSets]


class CoverageShown(TypedDict):
    """Overcollateralisation and interest coverage of a class and all senior to it."""

    name: str
    balance: str
    interest_due: str
    oc: RatioShown | None
    ic: RatioShown | None
    oc_cures: CuresShown | None


class CuresShown(TypedDict):
    """The smallest amounts that restore a ratio."""

    from_interest: str
    from_principal: str | None
    into_collateral: str


class DatabaseShown(TypedDict):
    """The database."""

    backend: str
    version: str
    size_bytes: int
    applied_count: int
    missing_migrations: list[str]


class DatasetShown(TypedDict):
    """A panel in force from the day it was taken; never changed."""

    code: str
    universe: str
    kind: KindEnum
    number: int
    file_hash: str
    summary: dict[str, Any]
    origin: str
    made_by: Person
    created_at: str


class DealPoolDetail(TypedDict):
    """A pool with its assets, and what its tape was warned of."""

    code: str
    deal: str
    purpose: PoolPurpose
    number: int
    determination_date: str
    content_hash: str
    origin: str
    made_by: Person
    created_at: str
    content: dict[str, Any]
    warnings: list[dict[str, Any]]


class DealPoolShown(TypedDict):
    """A pool on a determination date; never changed."""

    code: str
    deal: str
    purpose: PoolPurpose
    number: int
    determination_date: str
    content_hash: str
    origin: str
    made_by: Person
    created_at: str


class DealShown(TypedDict):
    """A CLO: its dates, its papers, its classes of notes."""

    code: str
    name: str
    manager_name: str
    currency: str
    benchmark: str
    closing_date: str
    non_call_end: str
    reinvestment_end: str
    stated_maturity: str
    priority_of_payments: str
    accelerates_after_default: bool
    limits: str
    papers: dict[str, Any]
    payment_dates: list[str]


class DecisionShown(TypedDict):
    """A step that was taken."""

    code: str
    before: StrategyState
    after: StrategyState
    reason: str
    made_by: Person
    created_at: str


class DefinitionShown(TypedDict):
    """What is compared with what."""

    code: str
    name: str
    what: WhatEnum
    sources: list[str]
    is_active: bool
    created_at: str


class DeliveryShown(TypedDict):
    """One thing a webhook was told, and what became of it."""

    code: str
    webhook: str
    kind: str
    body: dict[str, Any]
    state: DeliveryShownStateEnum
    attempts: int
    due_at: str
    status: int | None
    error: str
    created_at: str
    delivered_at: str | None


class DeliveryTryShown(TypedDict):
    """One try to deliver; `error` says why it could not be."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    number: int
    name: str
    sha256: str
    size_bytes: int


class DeskScenariosShown(TypedDict):
    """Shocks of a desk under a name."""

    code: str
    desk: str
    name: str
    scenarios: list[dict[str, Any]]


class DeskShown(TypedDict):
    """A desk that the caller is on, or that the house reads."""

    code: str
    name: str
    currency: str


class Detail(TypedDict):
    """All there is to say about one permutation; tables are empty where no structure can run."""

    levers: dict[str, float | str | None]
    row: dict[str, float | int | str | None]
    sources: list[DetailSources]
    uses: list[DetailSources]
    periods: dict[str, list[Any]]
    years: dict[str, list[Any]]
    dscr_path: list[float | None]
    interest_cover_path: list[float | None]
    gate_a_checks: list[DetailGateAChecks]
    ratings: list[DetailRatings]
    judged_rating: str
    binding: DetailGateAChecks | None
    stress_checks: list[DetailGateAChecks]
    repo_checks: list[DetailGateAChecks]
    repo_haircut_ratio: float | None
    repo_lendable_amount: float | None
    agency_readings: list[DetailAgencyReadings]
    stress: list[DetailStress]
    rating_stress: list[DetailStress]
    flags: list[DetailFlags]
    explanations: list[DetailExplanations]
    index: int
    remedies: list[ReportRemediationSingleMoves]
    pair_remedy: DetailPairRemedy | None
    remedy_target: str


class DetailAgencyReadings(TypedDict):
    """What one row of an agency's table says of a structure."""

    agency: str
    reading: str
    row: str
    dscr: float | None
    category: str


class DetailExplanations(TypedDict):
    """One figure: what it is called, its value and unit, how it was worked out, and from what."""

    key: str
    label: str
    value: float | None
    unit: str
    formula: str
    children: list[dict[str, Any]]


class DetailFlags(TypedDict):
    """A flag the base case raised: when, how often, and the value and threshold of its worst month."""

    flag: str
    first_month: int
    month_count: int
    value: float | None
    threshold: float | None
    unit: str


class DetailGateAChecks(TypedDict):
    """One rule tested: value against limit; `headroom_ratio` is relative to the limit, None for yes-or-no rules."""

    code: str
    label: str
    unit: str
    value: float | int | str | None
    limit: float | int | str | None
    headroom_ratio: float | None
    passed: bool


class DetailPairRemedy(TypedDict):
    """Two levers moved together; each part names what its own move cures alone, `cures` all that failed."""

    parts: list[ReportRemediationSingleMoves]
    rating: str
    cost_steps: float | None
    cures: list[str]


class DetailRatings(TypedDict):
    """Every check of one rating's row."""

    rating: str
    passed: bool
    checks: list[DetailGateAChecks]


class DetailShown(TypedDict):
    """Every figure, check, explanation and remedy of a structure."""

    figures: Figures
    detail: Detail


class DetailSources(TypedDict):
    """One amount of a table."""

    label: str
    amount: float | None


class DetailStress(TypedDict):
    """A structure under one scenario (stress result contract 2.6); cover is None where no service is left to cover."""

    scenario: DetailStressScenario
    base_dscr: float | None
    stressed_dscr: float | None
    dscr_degradation_ratio: float | None
    breach_month: int
    recovery_months: int
    rating: str
    notches_moved: int
    flags: list[str]
    balloon_shortfall_amount: float | None
    equity_distribution_amount: float | None
    defaulted: bool


class DetailStressScenario(TypedDict):
    """One cell of the stress grid, or one scenario that ratings must survive; number 0 is the base case."""

    number: int
    cpi_rate: float | None
    rate_shift_bps: float | None
    default_ratio: float | None
    cpi_path: int
    shift_path: int
    default_path: int
    relet_months: int
    relet_ratio: float | None
    with_swap_only: bool
    rating: str


class Document(TypedDict):
    """A version as a document: what `read` of its export gives, changed."""

    document: dict[str, Any]


class DocumentShown(TypedDict):
    """One file of a pack."""

    code: str
    kind: str
    title: str
    filename: str
    state: DocumentState
    error: str
    content_hash: str
    size_bytes: int


class DueShown(TypedDict):
    """The next payment date worked out; `default_at` says at which step an event of default arose."""

    number: int
    pay_date: str
    default_at: str
    is_accelerated: bool
    lines: list[LineShown]
    balances: dict[str, str]
    deferred: dict[str, str]
    principal_cash: str


class EditsTriedShown(TypedDict):
    """What edits would change, cell by cell, what is refused and stays as it is, and every test before and after."""

    cells: list[CellEditShown]
    refused: list[CellProblemShown]
    warnings: list[CellProblemShown]
    changes: list[ChangeShown]


class Entry(TypedDict):
    """One thing somebody did to one thing."""

    sequence: int
    at: str
    actor: str
    action: str
    words: str
    target_type: str
    target_code: str | None
    before: Any
    after: Any
    address: str | None
    request_id: str
    hash: str


class EvidenceList(TypedDict):
    """What is asked for, and all that was ever entered, the latest first."""

    facts: list[FactShown]
    entries: list[EvidenceShown]


class EvidenceShown(TypedDict):
    """What somebody saw of a fact that central banks ask for."""

    code: str
    fact: str
    state: EvidenceState
    symbol: str
    source: str
    seen_on: str
    is_of_project: bool
    entered_by: Person
    entered_at: str


class ExportShown(TypedDict):
    """A file of an approved strategy."""

    code: str
    version: str
    form: FormEnum
    file_name: str
    file_hash: str
    size_bytes: int
    made_by: Person
    created_at: str


class FactShown(TypedDict):
    """A fact that is asked for, and where it stands."""

    code: str
    label: str
    asked_by: list[str]
    stands: StandsEnum


class FetchShown(TypedDict):
    """One look at a channel's place."""

    is_trial: bool
    at: str
    found_count: int
    taken_count: int
    refused_count: int
    left: list[LeftFile]
    error: str


class Figures(TypedDict):
    index: NotRequired[int | None]
    rent_per_kw_month: NotRequired[float | None]
    opex_ratio: NotRequired[float | None]
    pue: NotRequired[float | None]
    indexation: NotRequired[str | None]
    cpi_floor_rate: NotRequired[float | None]
    cpi_cap_rate: NotRequired[float | None]
    senior_tenor_years: NotRequired[float | None]
    senior_amortisation: NotRequired[str | None]
    senior_coupon_rate: NotRequired[float | None]
    senior_dscr: NotRequired[float | None]
    wrap: NotRequired[str | None]
    grace_months: NotRequired[float | None]
    over_raise_ratio: NotRequired[float | None]
    mezzanine: NotRequired[str | None]
    mezz_dscr: NotRequired[float | None]
    mezz_coupon_rate: NotRequired[float | None]
    mezz_tenor_years: NotRequired[float | None]
    mezz_amortisation: NotRequired[str | None]
    zcis_tenor_years: NotRequired[float | None]
    trs_share: NotRequired[float | None]
    dsra_months: NotRequired[float | None]
    equity_irr_rate: NotRequired[float | None]
    gate: NotRequired[int | None]
    reason: NotRequired[int | None]
    near_miss: NotRequired[int | None]
    senior_amount: NotRequired[float | None]
    senior_proceeds_amount: NotRequired[float | None]
    mezz_amount: NotRequired[float | None]
    mezz_proceeds_amount: NotRequired[float | None]
    sized_by: NotRequired[int | None]
    mezz_sized_by: NotRequired[int | None]
    coverage_ratio: NotRequired[float | None]
    uses_amount: NotRequired[float | None]
    equity_ratio: NotRequired[float | None]
    cash_released_amount: NotRequired[float | None]
    loan_to_cost_ratio: NotRequired[float | None]
    market_loan_to_cost_ratio: NotRequired[float | None]
    total_agency_ltv_ratio: NotRequired[float | None]
    total_appraisal_ltv_ratio: NotRequired[float | None]
    total_dscr_minimum: NotRequired[float | None]
    total_dscr_average: NotRequired[float | None]
    debt_yield_ratio: NotRequired[float | None]
    agency_ltv_ratio: NotRequired[float | None]
    appraisal_ltv_ratio: NotRequired[float | None]
    cost_ltv_ratio: NotRequired[float | None]
    dscr_minimum: NotRequired[float | None]
    dscr_average: NotRequired[float | None]
    notional_dscr_minimum: NotRequired[float | None]
    refinance_cover_ratio: NotRequired[float | None]
    llcr: NotRequired[float | None]
    plcr: NotRequired[float | None]
    icr: NotRequired[float | None]
    rating_notch: NotRequired[int | None]
    mezz_rating_notch: NotRequired[int | None]
    senior_fair_coupon_rate: NotRequired[float | None]
    mezz_fair_coupon_rate: NotRequired[float | None]
    senior_coupon_margin_bps: NotRequired[float | None]
    binding_criterion: NotRequired[int | None]
    binding_headroom_ratio: NotRequired[float | None]
    repo_verdict: NotRequired[int | None]
    worst_stressed_dscr: NotRequired[float | None]
    worst_scenario: NotRequired[int | None]
    stress_defaults: NotRequired[int | None]
    notches_lost: NotRequired[int | None]
    stress_passed: NotRequired[int | None]
    stability_ratio: NotRequired[float | None]
    stress_key: NotRequired[int | None]
    structuring_fee_amount: NotRequired[float | None]
    dsra_initial_amount: NotRequired[float | None]
    prefunded_interest_amount: NotRequired[float | None]
    trs_margin_amount: NotRequired[float | None]
    equity_proceeds_amount: NotRequired[float | None]
    day_one_value: NotRequired[float | None]
    wacc_rate: NotRequired[float | None]
    sponsor_equity_amount: NotRequired[float | None]
    sponsor_irr_rate: NotRequired[float | None]
    sponsor_npv_amount: NotRequired[float | None]
    sponsor_payback_months: NotRequired[float | None]
    sponsor_multiple: NotRequired[float | None]
    senior_wal_years: NotRequired[float | None]
    mezz_wal_years: NotRequired[float | None]
    senior_yield_rate: NotRequired[float | None]
    mezz_yield_rate: NotRequired[float | None]
    after_tax_dscr_minimum: NotRequired[float | None]
    after_tax_dscr_average: NotRequired[float | None]
    after_tax_rating_notch: NotRequired[int | None]
    after_tax_irr_rate: NotRequired[float | None]
    flags: NotRequired[int | None]
    instruments: NotRequired[int | None]
    score: NotRequired[float | None]
    percentile: NotRequired[float | None]
    tier: NotRequired[int | None]
    rank: NotRequired[int | None]
    merged_count: NotRequired[int | None]


class FileLine(TypedDict):
    """A file that came, and what became of it."""

    code: str
    source: str
    name: str
    sha256: str
    size_bytes: int
    channel: str
    business_date: str
    state: ReceivedFileState
    record_count: int
    refused_count: int
    received_by: Person | None
    received_at: str


class FileRead(TypedDict):
    """A file with what is wrong in it, and what is worth a look; nothing of a refused one enters a run."""

    code: str
    source: str
    name: str
    sha256: str
    size_bytes: int
    channel: str
    business_date: str
    state: ReceivedFileState
    record_count: int
    refused_count: int
    received_by: Person | None
    received_at: str
    mapping: NotRequired[str | None]
    problems: list[Found]
    notes: list[Found]
    balances: dict[str, Any]


class FileShown(TypedDict):
    """A file of a project."""

    code: str
    project: str
    purpose: FilePurpose
    name: str
    content_type: str
    size_bytes: int
    content_hash: str
    added_by: Person
    added_at: str


class FilesRead(TypedDict):
    """Every file in what was sent; those that came before are the same files."""

    files: list[FileRead]


class FinancingShown(TypedDict):
    """One structure of one project's inputs under one set of rules and terms, by one engine."""

    code: str
    project: str
    snapshot: str
    rule_set: str
    terms: FinancingShownTerms
    choice: Choice
    engine_version: str
    content_hash: str
    title: str
    currency: str
    made_by: Person
    created_at: str


class FinancingShownTerms(TypedDict):
    base_cpi_rate: NotRequired[float | None]
    capitalisation_rate: NotRequired[float | None]
    agency_haircut_ratio: NotRequired[float | None]
    discount_rate: NotRequired[float | None]
    structuring_fee_rate: NotRequired[float | None]
    structuring_fee_fixed_amount: NotRequired[float | None]
    zcis_breakeven_5y_rate: NotRequired[float | None]
    zcis_breakeven_10y_rate: NotRequired[float | None]
    zcis_dealer_spread_bps: NotRequired[float | None]
    zcis_hedged_ratio: NotRequired[float | None]
    trs_financing_rate: NotRequired[float | None]
    trs_spread_bps: NotRequired[float | None]
    trs_haircut_ratio: NotRequired[float | None]
    balloon_mode: NotRequired[str | None]
    balloon_ratio: NotRequired[float | None]
    sweep_ratio: NotRequired[float | None]
    refinance_spread_bps: NotRequired[float | None]
    step_up_bps: NotRequired[float | None]
    lock_up_steps: NotRequired[Any]
    lock_up_window_months: NotRequired[int | None]
    ard_trap_steps: NotRequired[Any]
    ard_trap_window_months: NotRequired[int | None]
    minimum_rating: NotRequired[str | None]
    near_miss_ratio: NotRequired[float | None]
    stress_cpi_rates: NotRequired[Any]
    swap_stress_cpi_rates: NotRequired[Any]
    stress_rate_shifts_bps: NotRequired[Any]
    stress_default_ratios: NotRequired[Any]
    stress_relet_months: NotRequired[int | None]
    stress_relet_ratio: NotRequired[float | None]
    unfixed_ratio: NotRequired[float | None]
    score_day_one_weight: NotRequired[float | None]
    score_stability_weight: NotRequired[float | None]
    score_rating_weight: NotRequired[float | None]
    score_simplicity_weight: NotRequired[float | None]
    tier_shares: NotRequired[Any]
    objective: NotRequired[str | None]
    composite_weights: NotRequired[Any]


class Finding(TypedDict):
    """Something to say of a cell."""

    code: str
    place: str
    sheet: str
    cell: str
    message: str


class Found(TypedDict):
    """Something wrong with data, or worth a second look."""

    code: str
    place: str
    message: str


class GroupShown(TypedDict):
    """Records that belong together, and what is said of them."""

    number: int
    verdict: str
    break_types: str
    severity: str
    score: int | None
    amount: str
    currency: str
    product: str
    counterparty: str
    paired_by: str
    cause: str
    note: str
    detail: dict[str, Any]


class HedgeShown(TypedDict):
    """A swap: its worth to the issuer on the day, and what is paid net in the base case over its life."""

    code: str
    name: str
    words: str
    paid_amount: float
    worth: dict[str, Any]


class HedgesShown(TypedDict):
    """The issuer's swaps on a day under a market set."""

    on: str
    market_set: str
    swaps: list[HedgeShown]


class ImpactShown(TypedDict):
    """What a change request does to the best structures of the latest run."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    run: str
    summary: dict[str, Any]


class ImportedShown(TypedDict):
    """A workbook as it was read; the file is kept with its project."""

    project: str
    file: str
    problems: list[Finding]
    remarks: list[Finding]


class InTime(TypedDict):
    counterparty: str
    count: int
    in_time: int


class Inputs(TypedDict):
    meta: NotRequired[InputsMeta]
    country: NotRequired[str | None]
    currency: NotRequired[str | None]
    capex_currency: NotRequired[str | None]
    fx_rate: NotRequired[float | None]
    power: NotRequired[InputsPower]
    revenue: NotRequired[InputsRevenue]
    lease: NotRequired[InputsLease]
    capex: NotRequired[InputsCapex]
    land: NotRequired[InputsLand]
    fees: NotRequired[InputsFees]
    construction: NotRequired[InputsConstruction]
    tax: NotRequired[InputsTax]
    credit: NotRequired[InputsCredit]
    valuation: NotRequired[InputsValuation]


class InputsCapex(TypedDict):
    internal: NotRequired[InputsCapexInternal]
    market: NotRequired[InputsCapexMarket]


class InputsCapexInternal(TypedDict):
    lines: NotRequired[Any]
    construction_fee_rate: NotRequired[float | None]
    contingency_rate: NotRequired[float | None]


class InputsCapexMarket(TypedDict):
    lines: NotRequired[Any]
    construction_fee_rate: NotRequired[float | None]
    contingency_rate: NotRequired[float | None]


class InputsConstruction(TypedDict):
    close_date: NotRequired[str | None]
    start_date: NotRequired[str | None]
    months: NotRequired[int | None]
    senior_cover: NotRequired[str | None]
    senior_cover_months: NotRequired[int | None]
    mezz_cover: NotRequired[str | None]
    mezz_cover_months: NotRequired[int | None]
    draw_profile: NotRequired[str | None]
    debt_form: NotRequired[str | None]
    escrow_rate: NotRequired[float | None]


class InputsCredit(TypedDict):
    tenant_rating: NotRequired[str | None]
    insurance_wrap: NotRequired[bool | None]
    insurance_premium_bps: NotRequired[int | None]


class InputsFees(TypedDict):
    development_amount: NotRequired[float | None]
    management_rate: NotRequired[float | None]
    management_amount: NotRequired[float | None]


class InputsLand(TypedDict):
    location_quality: NotRequired[str | None]
    acres_per_mw: NotRequired[float | None]
    price_per_acre_amount: NotRequired[float | None]
    purchase_amount: NotRequired[float | None]
    grid_quality: NotRequired[str | None]
    grid_price_per_mw_amount: NotRequired[float | None]
    grid_amount: NotRequired[float | None]
    acquisition: NotRequired[str | None]
    stamp_duty_basis: NotRequired[str | None]
    stamp_duty_rate: NotRequired[float | None]
    stamp_duty_fixed_amount: NotRequired[float | None]
    stamp_duty_jurisdiction: NotRequired[str | None]
    stamp_duty_bands: NotRequired[Any]


class InputsLease(TypedDict):
    term_years: NotRequired[int | None]
    indexation: NotRequired[str | None]
    indexation_lag_months: NotRequired[int | None]
    indexation_spread_rate: NotRequired[float | None]
    cpi_floor_rate: NotRequired[float | None]
    cpi_cap_rate: NotRequired[float | None]
    fixed_indexation_rate: NotRequired[float | None]
    review_years: NotRequired[int | None]
    relet_ratio: NotRequired[float | None]
    relet_void_months: NotRequired[int | None]
    relet_years: NotRequired[int | None]


class InputsMeta(TypedDict):
    sponsor_name: NotRequired[str | None]
    location: NotRequired[str | None]


class InputsPower(TypedDict):
    gross_facility_mw: NotRequired[float | None]
    pue: NotRequired[float | None]
    utilisation_ratio: NotRequired[float | None]


class InputsRevenue(TypedDict):
    rent_basis: NotRequired[str | None]
    rent_amount: NotRequired[float | None]
    occupancy_ratio: NotRequired[float | None]
    lease_type: NotRequired[str | None]
    opex_ratio: NotRequired[float | None]
    electricity_price_per_mwh: NotRequired[float | None]
    electricity_escalation_rate: NotRequired[float | None]
    asset_management_fee_rate: NotRequired[float | None]
    replacement_reserve_per_kw_amount: NotRequired[float | None]


class InputsTax(TypedDict):
    rate: NotRequired[float | None]
    allowance_ratio: NotRequired[float | None]
    allowance_years: NotRequired[int | None]
    interest_cap_ratio: NotRequired[float | None]


class InputsValuation(TypedDict):
    appraisal_amount: NotRequired[float | None]


class InvitationShown(TypedDict):
    """An invitation that waits for its answer."""

    code: str
    organisation: OrganisationLine
    email: str
    role: OrganisationRole
    invited_by: Person | None
    invited_at: str


class IssuedNoteShown(TypedDict):
    """A class of notes issued here, as columns of a tape."""

    code: str
    title: str
    cells: dict[str, str]
    indicated_rating: str
    provenance: str
    content_hash: str


class IssuedNotes(TypedDict):
    items: list[IssuedNoteShown]


class JobShown(TypedDict):
    """A piece of long work: a run, a simulation, a pack, an impact, a trial."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str


class KindShown(TypedDict):
    """Jobs of one kind that are not at rest."""

    kind: str
    title: str
    waiting: int
    working: int
    oldest_at: str | None


class LeftFile(TypedDict):
    name: str
    why: str


class LeverSets(TypedDict):
    """Levers, and the lever sets of the house."""

    levers: list[LeverShown]
    presets: list[PresetShown]


class LeverShown(TypedDict):
    """A lever: its range and unit."""

    code: str
    label: str
    unit: str
    default: Any
    minimum: float | None
    maximum: float | None
    choices: list[Any]
    help: str


class Levers(TypedDict):
    axes: NotRequired[LeversAxes]
    filters: NotRequired[list[dict[str, Any]]]


class LeversAxes(TypedDict):
    rent_per_kw_month: NotRequired[list[float]]
    opex_ratio: NotRequired[list[float]]
    pue: NotRequired[list[float]]
    indexation: NotRequired[list[Literal["none", "fixed", "cpi"]]]
    cpi_floor_rate: NotRequired[list[float]]
    cpi_cap_rate: NotRequired[list[float]]
    senior_tenor_years: NotRequired[list[float]]
    senior_amortisation: NotRequired[
        list[Literal["annuity", "straight_line", "sculpted", "interest_only", "partial", "cash_sweep"]]
    ]
    senior_coupon_rate: NotRequired[list[float]]
    senior_dscr: NotRequired[list[float]]
    wrap: NotRequired[list[Literal["none", "senior"]]]
    grace_months: NotRequired[list[float]]
    over_raise_ratio: NotRequired[list[float]]
    mezzanine: NotRequired[list[Literal["none", "sized"]]]
    mezz_dscr: NotRequired[list[float]]
    mezz_coupon_rate: NotRequired[list[float]]
    mezz_tenor_years: NotRequired[list[float]]
    mezz_amortisation: NotRequired[list[Literal["annuity", "straight_line", "sculpted", "interest_only", "partial"]]]
    zcis_tenor_years: NotRequired[list[Literal[0, 5, 10]]]
    trs_share: NotRequired[list[float]]
    dsra_months: NotRequired[list[float]]
    equity_irr_rate: NotRequired[list[float]]


class LimitGivenRequest(TypedDict):
    """What a structure must keep to: a column of the results, or the share of equity."""

    column: str
    operator: OperatorEnum
    value: float


class LineShown(TypedDict):
    """One step: due is null where it takes what there is."""

    label: str
    what: str
    due: str | None
    paid: str
    source: str
    reason: str


class LinkShown(TypedDict):
    """A way to an issued pack for somebody who does not sign in."""

    code: str
    pack: str
    recipient: str
    made_by: Person
    made_at: str
    ends_at: str
    revoked_at: str | None
    opened_count: int
    address: str


class LoanCellProblem(TypedDict):
    """What is wrong at one cell; its row is not taken. Rows of data count from 1, lines of the file with its header."""

    row: int
    column: str
    code: str
    message: str
    line: int
    text: str | None


class LoanTapeDetailShown(TypedDict):
    """A tape with what was found in it: at most 500 problems, by row."""

    code: str
    name: str
    file_name: str
    file_hash: str
    state: PanelImportState
    mapping: dict[str, str]
    corrections: list[dict[str, Any]]
    pool: str | None
    made_by: Person
    created_at: str
    headers: list[str]
    sound_count: int
    sound_amount: float
    refused_rows: list[int]
    absent_columns: list[str]
    problem_count: int
    problems: list[LoanCellProblem]


class LoanTapeShown(TypedDict):
    """A tape as it stands: what its headers mean, what was mended; once its loans are taken, their pool."""

    code: str
    name: str
    file_name: str
    file_hash: str
    state: PanelImportState
    mapping: dict[str, str]
    corrections: list[dict[str, Any]]
    pool: str | None
    made_by: Person
    created_at: str


class LookShown(TypedDict):
    """What the watcher does by itself, and when it last did."""

    name: str
    looked_at: str | None
    did: int
    did_at: str | None
    error: str


class MatchRate(TypedDict):
    week: str
    counterparty: str
    matched: int
    total: int
    ratio: float


class Me(TypedDict):
    """The caller, and what the token lets them do."""

    code: str
    email: str
    full_name: str
    organisation: str
    role: RoleEnum
    standing: str
    registration_reason: str
    decline_reason: str
    date_joined: str
    further_roles: list[str]
    token: TokenShown | None


class MemberShown(TypedDict):
    """Somebody who belongs to an organisation, and what they may do in it."""

    code: str
    organisation: str
    person: Person
    role: OrganisationRole
    since: str


class NewCellRequest(TypedDict):
    """One cell typed over, by its row of data and its field."""

    row: int
    column: str
    value: str


class NotesFile(TypedDict):
    """One file of a pack of notes."""

    file: str
    title: str
    kind: str
    sha256: str
    size_bytes: int


class NotesPackShown(TypedDict):
    """The papers of a run: report, term sheets, presentation, investor report, live waterfall."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    run: str
    period: int
    organisation: str
    confidentiality: str
    status: PackStatus
    number: str
    issued_at: str | None
    manifest_hash: str
    files: list[NotesFile]


class NotesRunShown(TypedDict):
    """A version under its base case, a grid and scenarios."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    version: str
    terms: dict[str, Any]
    engine_version: str
    summary: dict[str, Any]


class NotesRunsShown(TypedDict):
    """Runs that were asked for together, in the order of their versions."""

    runs: list[NotesRunShown]


class NotificationShown(TypedDict):
    """Something the caller was told."""

    code: str
    kind: str
    title: str
    body: str
    url: str
    created_at: str
    read_at: str | None


class OrderShown(TypedDict):
    """A paper order; it goes to no market."""

    code: str
    ident: str
    shares: int
    close: str
    amount: str
    state: str


class OrganisationLine(TypedDict):
    """An organisation in a list."""

    code: str
    name: str


class OrganisationShown(TypedDict):
    """An organisation with its members."""

    code: str
    name: str
    members: list[MemberShown]


class OutcomeShown(TypedDict):
    """A scenario run to its end: totals by class, and every step of every date."""

    ending: str
    default_at: str
    first_failure: str
    interest: dict[str, str]
    principal: dict[str, str]
    not_repaid: dict[str, str]
    subordinated: str
    incentive_fee: str
    fees: str
    equity_irr: float | None
    dates: list[PaidDateShown]


class PackFiltersRequest(TypedDict):
    """A view of the queue; unsettled breaks where no state is asked for."""

    state: NotRequired[BreakState]
    severity: NotRequired[SeverityEnum]
    team: NotRequired[str]
    counterparty: NotRequired[str]
    product: NotRequired[str]
    cluster: NotRequired[str]
    type: NotRequired[str]
    definition: NotRequired[str]
    owner: NotRequired[str]
    q: NotRequired[str]


class PackLine(TypedDict):
    """A pack in a list: its making is the job of the same code."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    financing: str
    project: str
    status: PackStatus
    number: str
    close_date: str
    organisation: str
    confidentiality: str
    issued_at: str | None
    manifest_hash: str


class PackShown(TypedDict):
    """The documents about one financing."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    financing: str
    project: str
    status: PackStatus
    number: str
    close_date: str
    organisation: str
    confidentiality: str
    issued_at: str | None
    manifest_hash: str
    documents: list[DocumentShown]


class PaidDateShown(TypedDict):
    number: int
    pay_date: str
    is_accelerated: bool
    lines: list[LineShown]
    balances: dict[str, str]


class PanelShown(TypedDict):
    """A file as it was read: taken where nothing is wrong with it, else open with its good rows kept."""

    code: str
    universe: str
    kind: KindEnum
    state: PanelImportState
    dataset: NotRequired[str | None]
    problems: list[Found]


class PastTestShown(TypedDict):
    """A test as it was on one day."""

    run: str
    determination_date: str
    pool_number: int
    value: str | None
    threshold: str | None
    status: str


class PaymentShown(TypedDict):
    """A payment date as it was booked; never changed."""

    code: str
    deal: str
    pool: str
    number: int
    pay_date: str
    inputs: dict[str, Any]
    balances: dict[str, str]
    deferred: dict[str, str]
    lines: list[LineShown]
    engine_version: str
    made_by: Person
    created_at: str


class Person(TypedDict):
    """Somebody, as others may know them."""

    name: str
    email: str


class PoolShown(TypedDict):
    """Loans that back notes; never changed."""

    code: str
    name: str
    currency: str
    content: dict[str, Any]
    content_hash: str
    origin: str
    made_by: Person
    created_at: str


class PoolSimulationShown(TypedDict):
    """Defaults, losses by class and migrations on random paths; `summary` is empty until it is done."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    pool: str
    terms: dict[str, Any]
    engine_version: str
    summary: dict[str, Any]


class PresetShown(TypedDict):
    """A lever set of the house."""

    code: str
    label: str
    help: str
    lever_set: Levers
    size: int


class ProblemDetails(TypedDict):
    """Why a request was refused."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    problems: list[ProblemEntry]


class ProblemEntry(TypedDict):
    """One thing wrong: where, and what to do."""

    code: str
    place: str
    pointer: str
    message: str


class Progress(TypedDict):
    """How far a job is; kinds add figures of their own."""

    job: str
    state: JobState
    state_label: str
    sentence: str
    is_finished: bool
    total_count: int
    done_count: int
    done_ratio: float
    rate_per_second: float | None
    seconds_left: float | None
    seconds_elapsed: float
    error: str
    figures: dict[str, Any]


class ProjectLine(TypedDict):
    """A project in a list."""

    code: str
    title: str
    status: ProjectStatus
    owner: Person
    series: str | None
    asset_class: str
    country: str | None
    currency: str | None
    gross_facility_mw: float | None
    version: int
    created_at: str
    updated_at: str


class ProjectShown(TypedDict):
    """A project with its inputs, what is wrong with them, and where its review stands."""

    code: str
    title: str
    status: ProjectStatus
    owner: Person
    series: str | None
    asset_class: str
    country: str | None
    currency: str | None
    gross_facility_mw: float | None
    version: int
    created_at: str
    updated_at: str
    inputs: Inputs
    problems: list[Found]
    warnings: list[Found]
    review: ReviewEnum
    approved_snapshot: str | None


class QueueShown(TypedDict):
    """A queue: its entries (null while Redis is away), and the jobs that wait."""

    name: str
    kinds: str
    depth: int | None
    waiting: int
    oldest_at: str | None


class RankedShown(TypedDict):
    """A candidate tried on top of a basket."""

    side: str
    asset: str
    issue: str
    par: str
    price_pct: str
    score: str
    holds: bool
    broken_tests: list[int]


class RatesShown(TypedDict):
    """How much of each counterparty's records matched by week, and how many settled breaks kept to their hours."""

    match_rates: list[MatchRate]
    settled: list[InTime]


class RatioShown(TypedDict):
    """A coverage test; `passed` is null where it is not assessed."""

    numerator: str
    denominator: str
    value: str | None
    trigger: str
    passed: bool | None


class RecipientShown(TypedDict):
    """Whom files are locked for; what locks them is never shown."""

    code: str
    name: str
    method: Encryption
    fingerprint: str
    expires_at: str | None
    is_active: bool


class ReconciliationRunShown(TypedDict):
    """One comparison of a business day; its counts stand in `summary` when it is done."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    definition: str
    business_date: str
    terms: str
    engine_version: str
    summary: dict[str, Any]


class RecordsDecided(TypedDict):
    """A person's word on records; it holds in every later run until it is taken back."""

    code: str
    definition: str
    choice: ChoiceEnum
    internal: list[str]
    external: list[str]
    reason: str
    by: Person
    at: str
    is_taken_back: bool


class Registration(TypedDict):
    """A person on the way in, or in."""

    code: str
    email: str
    full_name: str
    organisation: str
    role: RoleEnum
    standing: str
    registration_reason: str
    decline_reason: str
    date_joined: str


class RejudgedShown(TypedDict):
    """Whether a run's figures are what its own rules give now."""

    is_identical: bool
    permutations: int
    figures: int
    sentence: str


class ReportBase(TypedDict):
    """A structure under one scenario; None where a measure has no value (no service to cover, no sponsor equity)."""

    scenario: ReportBaseScenario
    dscr_minimum: float | None
    dscr_average: float | None
    dscr_degradation_ratio: float | None
    llcr: float | None
    breach_month: int
    recovery_months: int
    lock_up_months: int
    first_lock_up_month: int
    dsra_drawn_amount: float | None
    senior_shortfall_amount: float | None
    mezz_shortfall_amount: float | None
    balloon_shortfall_amount: float | None
    equity_distribution_amount: float | None
    equity_irr_rate: float | None
    coverage_ratio: float | None
    rating: str
    rating_notch: int
    notches_moved: int
    lendable_amount: float | None
    flags: list[str]
    dscr_path: list[float | None]
    defaulted: bool


class ReportBaseScenario(TypedDict):
    """What differs from the base case; build from a mapping with `from_dict`."""

    name: str
    cpi_rates: list[float | None]
    short_shift_bps: float | None
    long_shift_bps: float | None
    tenant_default_ratio: float | None
    tenant_default_month: int
    relet_months: int
    relet_ratio: float | None
    vacancy_ratio: float | None
    vacancy_month: int
    vacancy_months: int
    opex_overrun_ratio: float | None
    capex_overrun_ratio: float | None
    delay_months: int
    pue_drift: float | None


class ReportBinding(TypedDict):
    """One rule tested, and where it stands."""

    code: str
    label: str
    unit: str
    value: float | int | str | None
    limit: float | int | str | None
    headroom_ratio: float | None
    passed: bool
    is_binding: bool
    provenance: str
    source: str


class ReportEvidence(TypedDict):
    """A fact that central banks ask for: "shown", "refuted" or "missing", and by what."""

    fact: str
    label: str
    asked_by: list[str]
    state: str
    symbol: str
    source: str
    seen_on: str
    entered_by: str
    is_of_project: bool


class ReportRemediation(TypedDict):
    """What would reach the target: single moves, and the cheapest pair where it costs less."""

    target_rating: str
    cures: list[str]
    single_moves: list[ReportRemediationSingleMoves]
    pair: list[ReportRemediationSingleMoves]
    pair_rating: str


class ReportRemediationSingleMoves(TypedDict):
    """One lever moved alone from `current` to `proposed`, after which the financing passes at `rating`."""

    lever: str
    label: str
    unit: str
    current: float | str | None
    proposed: float | str | None
    rating: str
    move_steps: float | None
    cures: list[str]


class ReportRepo(TypedDict):
    """What one facility says of the senior notes, and what is missing for a better verdict."""

    bank: str
    facility: str
    verdict: str
    criteria: list[ReportRepoCriteria]
    missing: list[str]
    haircut_ratio: float | None
    haircut_source: str
    lendable_amount: float | None


class ReportRepoCriteria(TypedDict):
    """One criterion tested: what was found, what was asked, and where the rule stands."""

    code: str
    label: str
    state: str
    value: str
    limit: str
    provenance: str
    source: str


class ReportScenarioSets(TypedDict):
    """The financing under one set of scenarios, evaluated for this report."""

    code: str
    name: str
    owner: str
    is_shared: bool
    breaches: int
    scenarios: list[ReportScenarioSetsScenarios]


class ReportScenarioSetsScenarios(TypedDict):
    """The financing under one scenario of somebody's own; breach month 0 is none."""

    name: str
    dscr_minimum: float | None
    dscr_average: float | None
    breach_month: int
    rating: str
    notches_moved: int
    equity_irr_rate: float | None
    flags: list[str]


class ReportSections(TypedDict):
    """Checks that belong together, and whether all of them passed."""

    code: str
    title: str
    passed: bool
    is_judged: bool
    checks: list[ReportBinding]


class ReportShown(TypedDict):
    """A financing under scenarios."""

    report: ReportShownReport


class ReportShownReport(TypedDict):
    """The base case and every scenario's outcome; both empty where the levers allow no structure."""

    base: ReportBase | None
    outcomes: list[ReportBase]


class ReportSimulation(TypedDict):
    """The latest simulation of the financing; shares of paths are fractions, errors are standard errors."""

    code: str
    finished_at: str
    engine_version: str
    paths: int
    seed: int
    dscr_minimum: float | None
    dscr_minimum_error: float | None
    dscr_minimum_percentiles: dict[str, float | None]
    below_one_ratio: float | None
    locked_up_ratio: float | None
    equity_lost_ratio: float | None
    tranches: list[ReportSimulationTranches]


class ReportSimulationTranches(TypedDict):
    """Default and loss of one tranche over the paths of a simulation."""

    tranche: str
    default_probability: float | None
    expected_loss: float | None
    loss_given_default: float | None
    worst_loss: float | None


class ReportStress(TypedDict):
    """The stress grid in short."""

    scenario_count: int
    passed: bool
    floor_dscr: float | None
    worst_dscr: float | None
    worst_scenario: str
    notches_lost: int | None
    rating_counts: dict[str, int]


class ResultRow(TypedDict):
    row: Figures


class Right(TypedDict):
    action: str
    roles: list[str]


class RightsShown(TypedDict):
    """What each role may do in reconciliation."""

    rights: list[Right]


class RoleRunShown(TypedDict):
    """One pass of the four roles: every call, text and answer."""

    code: str
    version: str
    model: str
    status: str
    is_complete: bool
    record: dict[str, Any]
    record_hash: str
    made_by: Person
    created_at: str


class RowShown(TypedDict):
    asset: str
    amount: str


class RunLine(TypedDict):
    """A run in a list."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    project: str
    snapshot: str
    rule_set: str
    engine_version: str
    seed: int
    budget: int
    space_size: str
    evaluated_count: int
    objective: str
    gate_a_alive: int
    gate_b_alive: int
    keeps_all_rows: bool


class RunShown(TypedDict):
    """A run: with its snapshot, rules, lever set, terms, engine, seed and budget its result is determined."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    project: str
    snapshot: str
    rule_set: str
    engine_version: str
    seed: int
    budget: int
    space_size: str
    evaluated_count: int
    objective: str
    gate_a_alive: int
    gate_b_alive: int
    keeps_all_rows: bool
    lever_set: Levers
    terms: FinancingShownTerms
    rows: str


class SavedReportShown(TypedDict):
    """What a report holds, under a name."""

    code: str
    name: str
    sections: list[str]
    columns: list[str]
    made_by: Person
    created_at: str


class ScenarioSetShown(TypedDict):
    """Stress scenarios under a name."""

    code: str
    name: str
    owner: Person
    is_shared: bool
    scenarios: list[Scenarios]
    updated_at: str


class Scenarios(TypedDict):
    name: NotRequired[str | None]
    cpi_rates: NotRequired[Any]
    short_shift_bps: NotRequired[float | None]
    long_shift_bps: NotRequired[float | None]
    tenant_default_ratio: NotRequired[float | None]
    tenant_default_month: NotRequired[int | None]
    relet_months: NotRequired[int | None]
    relet_ratio: NotRequired[float | None]
    vacancy_ratio: NotRequired[float | None]
    vacancy_month: NotRequired[int | None]
    vacancy_months: NotRequired[int | None]
    opex_overrun_ratio: NotRequired[float | None]
    capex_overrun_ratio: NotRequired[float | None]
    delay_months: NotRequired[int | None]
    pue_drift: NotRequired[float | None]


class ScheduledDeliveryShown(TypedDict):
    """A delivery as it is set up."""

    code: str
    name: str
    what: Delivered
    definition: NotRequired[str | None]
    filters: dict[str, Any]
    format: ExportFormat
    recipient: NotRequired[str | None]
    at: str
    way: DeliveryWay
    channel_of: NotRequired[str | None]
    folder: str
    is_active: bool
    next_at: str
    failed_count: int


class SearchShown(TypedDict):
    """A search between the points of a run: run and terms decide its answer."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    run: str
    terms: dict[str, Any]
    engine_version: str
    summary: dict[str, Any]


class SeriesShown(TypedDict):
    """A person's folder of projects."""

    code: str
    title: str
    owner: Person
    position: int


class SimulationGivenRequestTerms(TypedDict):
    paths: NotRequired[int | None]
    seed: NotRequired[int | None]
    antithetic: NotRequired[bool | None]
    cpi_reversion: NotRequired[float | None]
    cpi_volatility: NotRequired[float | None]
    rate_reversion: NotRequired[float | None]
    rate_volatility_bps: NotRequired[float | None]
    vacancy_reversion: NotRequired[float | None]
    vacancy_volatility: NotRequired[float | None]
    tenant_count: NotRequired[int | None]
    tenant_default_rate: NotRequired[float | None]
    tenant_correlation: NotRequired[float | None]
    correlation_cpi_rate: NotRequired[float | None]
    correlation_cpi_vacancy: NotRequired[float | None]
    correlation_cpi_default: NotRequired[float | None]
    correlation_rate_vacancy: NotRequired[float | None]
    correlation_rate_default: NotRequired[float | None]
    correlation_vacancy_default: NotRequired[float | None]


class SimulationShown(TypedDict):
    """A financing on correlated paths."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    financing: str
    terms: SimulationGivenRequestTerms
    engine_version: str
    summary: dict[str, Any]


class SizeShown(TypedDict):
    """The answer: `found` and `balances` are null where no balance keeps all that is asked."""

    before: SizeTriedShown
    found: SizeTriedShown | None
    balances: dict[str, float] | None
    bound_by: list[str]
    tried: list[SizeTriedShown]


class SizeTriedShown(TypedDict):
    """One balance: equity and the classes' indicated ratings there, and what does not hold, in words."""

    balance_amount: float
    equity_amount: float
    equity_yield_rate: float | None
    ratings: dict[str, str]
    failed: list[str]


class SnapshotShown(TypedDict):
    """Inputs as they stood once, under the SHA-256 of their content."""

    code: str
    project: str
    version: int
    content: Inputs
    content_hash: str
    created_at: str


class SourceShown(TypedDict):
    """A source as it is set up."""

    name: str
    party: NotRequired[str]
    role: SourceRole
    format: FormatEnum
    book: NotRequired[str]
    mapping_family: NotRequired[str]
    most_megabytes: NotRequired[int]
    most_ratio: NotRequired[int]
    due_at: NotRequired[str | None]
    folder: NotRequired[str]
    is_active: NotRequired[bool]
    code: str
    created_at: str


class Space(TypedDict):
    """How large a run would be."""

    space: str
    evaluated: int
    chunk_count: int
    keeps_all_rows: bool
    estimate: str


class StandingShown(TypedDict):
    """How the platform stands."""

    at: str
    redis_problem: str
    alerts: list[AlertShown]
    values: dict[str, float | None]
    queues: list[QueueShown]
    kinds: list[KindShown]
    workers: list[WorkerShown]
    running: list[JobShown]
    failed: list[JobShown]
    schedule: list[LookShown]
    storage: StorageShown
    database: DatabaseShown
    personal_data: list[AgeingShown]


class Statement(TypedDict):
    source: str
    state: StatementStateEnum


class StatementsShown(TypedDict):
    """Of a day each source that has a time, and whether its file came."""

    business_date: str
    statements: list[Statement]


class StorageShown(TypedDict):
    """Where files lie and what room is left."""

    folder: str
    files_in: str
    free_bytes: int
    measured_at: str | None
    sizes: list[StoreShown]
    backup: BackupShown | None


class StoreShown(TypedDict):
    """How much of one kind lies in the data folder."""

    kind: str
    title: str
    files: int
    size_bytes: int


class StrategyRunShown(TypedDict):
    """One task of a version on datasets named by hash; `summary` is what it found."""

    code: str
    kind: str
    title: str
    state: JobState
    requested_by: Person
    total_count: int
    done_count: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    error: str
    version: str
    task: TaskEnum
    terms: dict[str, Any]
    datasets: dict[str, Any]
    engine_version: str
    summary: dict[str, Any]


class StrategyShown(TypedDict):
    """A strategy with the version that holds: the approved one, else the last."""

    code: str
    desk: str
    universe: str
    name: str
    state: StrategyState
    limits: str
    made_by: Person
    created_at: str
    version: StrategyVersionShown


class StrategyVersionShown(TypedDict):
    """A strategy as somebody left it; never changed."""

    code: str
    number: int
    content: dict[str, Any]
    content_hash: str
    note: str
    made_by: Person
    created_at: str


class Stress(TypedDict):
    """A financing under scenarios, what matters most, and how far until it breaks."""

    report: ReportShownReport
    tornado: list[StressTornado]
    reverse: list[StressReverse]
    heat_map: StressHeatMap | None


class StressHeatMap(TypedDict):
    """Outcomes by row (second driver) and column (first driver)."""

    across: str
    down: str
    across_amounts: list[float | None]
    down_amounts: list[float | None]
    cells: list[list[ReportBase]]


class StressReverse(TypedDict):
    """How far a driver goes until a target breaks; `amount` is the smallest that breaks it, None if none does."""

    driver: str
    target: str
    label: str
    breach: str
    amount: float | None
    monotone: bool


class StressShown(TypedDict):
    """A financing under stress."""

    stress: Stress


class StressTornado(TypedDict):
    """One driver's two ends, and the base between them."""

    driver: str
    label: str
    unit: str
    adverse_amount: float | None
    benign_amount: float | None
    adverse: ReportBase
    benign: ReportBase


class StructureShown(TypedDict):
    """An issue of notes with its last version."""

    code: str
    name: str
    owner: Person
    created_at: str
    version: StructureVersionShown


class StructureVersionShown(TypedDict):
    """A structure as somebody left it: terms, pool and base case; never changed."""

    code: str
    number: int
    pool: str
    content: dict[str, Any]
    behaviour: dict[str, Any]
    content_hash: str
    note: str
    made_by: Person
    created_at: str


class SubmissionCommentShown(TypedDict):
    """What somebody said about a submission, or about one of its inputs."""

    code: str
    submission: str
    place: str
    text: str
    made_by: Person
    made_at: str
    settled_by: Person | None
    settled_at: str | None


class SubmissionShown(TypedDict):
    """A snapshot sent for approval; a change request where an approved one stands already."""

    code: str
    project: str
    snapshot: str
    version: int
    base: str | None
    is_change_request: bool
    status: SubmissionStatus
    note: str
    submitted_by: Person
    submitted_at: str
    decided_by: Person | None
    decided_at: str | None
    reason: str


class SummaryShown(TypedDict):
    """What a finished run found, at a glance."""

    state: JobState
    best: Best | None
    summary: dict[str, Any]


class TapeDetailShown(TypedDict):
    """A tape with what was found in it: at most 500 problems, those that refuse a row first."""

    code: str
    deal: str
    purpose: PoolPurpose
    sender: str
    file_name: str
    file_hash: str
    determination_date: str
    state: TapeState
    mapping: dict[str, str]
    corrections: list[dict[str, Any]]
    left_out: dict[str, str]
    made_by: Person
    created_at: str
    sound_count: int
    refused_rows: list[int]
    absent_columns: list[str]
    problems: list[CellProblemShown]
    come: list[str]
    go: list[str]
    changed_cell_count: int


class TapeShown(TypedDict):
    """A tape as it stands: what its headers mean, what was mended, what is still wrong, what it would change."""

    code: str
    deal: str
    purpose: PoolPurpose
    sender: str
    file_name: str
    file_hash: str
    determination_date: str
    state: TapeState
    mapping: dict[str, str]
    corrections: list[dict[str, Any]]
    left_out: dict[str, str]
    made_by: Person
    created_at: str


class TestDetailShown(TypedDict):
    """One test opened: its rule in words, the rows behind it, what would turn it, what it lacks."""

    number: int
    name: str
    sense: str
    value: str | None
    numerator: str
    denominator: str
    threshold: str | None
    margin: str | None
    status: str
    coverage_ratio: str
    words: str
    previous: str | None
    room_amount: str | None
    winner: str
    rows: list[RowShown]
    lacking: list[str]


class TestRunDetailShown(TypedDict):
    """A run with every test and the coverage of every class."""

    code: str
    deal: str
    pool: str
    limit_set: str
    engine_version: str
    made_by: Person
    created_at: str
    performing_par: str
    principal_cash: str
    adjusted_collateral: str
    tests: list[TestShown]
    coverage: list[CoverageShown]


class TestRunShown(TypedDict):
    """All tests of one pool under one version of limits."""

    code: str
    deal: str
    pool: str
    limit_set: str
    engine_version: str
    made_by: Person
    created_at: str


class TestShown(TypedDict):
    """One test; its value is null where it was not assessed."""

    number: int
    name: str
    sense: str
    value: str | None
    numerator: str
    denominator: str
    threshold: str | None
    margin: str | None
    status: str
    coverage_ratio: str


class TokenShown(TypedDict):
    """A token, without the text that opens."""

    code: str
    name: str
    beginning: str
    owner: str
    scopes: list[ScopesEnum]
    standing: StandingEnum
    created_at: str
    expires_at: str
    last_used_at: str | None


class TradeShown(TypedDict):
    """One trade: par in the asset's currency, price in percent of par."""

    side: SideEnum
    asset: str
    par: str
    price_pct: str


class TradeShownRequest(TypedDict):
    """One trade: par in the asset's currency, price in percent of par."""

    side: SideEnum
    asset: str
    par: str
    price_pct: str


class TriedShown(TypedDict):
    """Every test before and after trades; they hold where each passes or is no worse, and cash suffices."""

    holds: bool
    principal_cash: str
    changes: list[ChangeShown]


class TrusteeReportShown(TypedDict):
    """A trustee's figures beside ours, line by line."""

    code: str
    run: str
    file_name: str
    file_hash: str
    lines: list[dict[str, Any]]
    made_by: Person
    created_at: str


class UniverseShown(TypedDict):
    """Names a desk may hold, each with its days."""

    code: str
    desk: str
    name: str
    members: list[dict[str, Any]]


class VersionLine(TypedDict):
    """A version in a list."""

    code: str
    family: str
    version: int
    label: str
    name: str
    status: VersionStatus
    standing: str
    effective_from: str
    content_hash: str
    revision: int


class VersionShown(TypedDict):
    """A version with its tables."""

    code: str
    family: str
    version: int
    label: str
    name: str
    status: VersionStatus
    standing: str
    effective_from: str
    content_hash: str
    revision: int
    notes: str
    based_on: str | None
    submitted_by: Person | None
    submitted_at: str | None
    decided_by: Person | None
    decided_at: str | None
    decision_reason: str
    content: dict[str, Any]


class WebhookMade(TypedDict):
    """A new webhook with the secret its deliveries are signed with: it is never shown again."""

    code: str
    url: str
    kinds: list[str]
    created_at: str
    secret: str


class WebhookShown(TypedDict):
    """An address that is told what its owner is told."""

    code: str
    url: str
    kinds: list[str]
    created_at: str


class WorkerShown(TypedDict):
    """A worker, and the job that it is at."""

    name: str
    state: str
    heard_at: str | None
    job: NotRequired[str | None]
    memory_bytes: int | None
