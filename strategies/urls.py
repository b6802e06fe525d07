from django.urls import path

from records.urls import version_urls
from strategies.models import DeskLimits
from strategies.views import (
    comments,
    compliance,
    desks,
    exports,
    findings,
    lists,
    measures,
    orders,
    panels,
    portfolio,
    roles,
    runs,
    signals,
    strategies,
    universes,
)

urlpatterns = [
    path("strategies/", strategies.strategies, name="strategies"),
    path("strategies/desks/", desks.desks, name="desks"),
    path("strategies/desks/<uuid:code>/", desks.desk, name="desk"),
    path("strategies/desks/<uuid:code>/new/", strategies.strategy_new, name="strategy-new"),
    path("strategies/<uuid:code>/", strategies.strategy, name="strategy"),
    path("strategies/runs/<uuid:code>/", runs.run, name="strategy-run"),
    # data and signals
    path("strategies/desks/<uuid:code>/universes/", universes.universes, name="universes"),
    path("strategies/universes/<uuid:code>/", universes.universe, name="universe"),
    path("strategies/universes/<uuid:code>/data/", panels.universe_data, name="universe-data"),
    path("strategies/imports/<uuid:code>/", panels.panel_import, name="panel-import"),
    path("strategies/datasets/<uuid:code>/", panels.dataset, name="dataset"),
    path("strategies/<uuid:code>/signal/", signals.strategy_signal, name="strategy-signal"),
    # portfolios
    path("strategies/<uuid:code>/portfolio/", portfolio.portfolio, name="strategy-portfolio"),
    path("strategies/runs/<uuid:code>/what-if/", portfolio.what_if, name="strategy-what-if"),
    # backtests, risk, scenarios
    path("strategies/<uuid:code>/backtest/", measures.backtest, name="strategy-backtest"),
    path("strategies/<uuid:code>/risk/", measures.risk, name="strategy-risk"),
    path("strategies/<uuid:code>/scenarios/", measures.scenarios, name="strategy-scenarios"),
    path("strategies/desks/<uuid:code>/scenario-sets/new/", measures.scenario_set_new, name="desk-scenarios-new"),
    path("strategies/scenario-sets/<uuid:code>/", measures.scenario_set, name="desk-scenarios"),
    path("strategies/runs/<uuid:code>/trades/", findings.run_table, {"name": "trades"}, name="strategy-run-trades"),
    path("strategies/runs/<uuid:code>/ledger/", findings.run_table, {"name": "ledger"}, name="strategy-run-ledger"),
    path(
        "strategies/runs/<uuid:code>/trades.csv", findings.run_csv, {"name": "trades"}, name="strategy-run-trades-csv"
    ),
    path(
        "strategies/runs/<uuid:code>/ledger.csv", findings.run_csv, {"name": "ledger"}, name="strategy-run-ledger-csv"
    ),
    path("strategies/runs/<uuid:code>/backtest.xlsx", findings.run_workbook, name="strategy-run-workbook"),
    # limits, sign-off, roles
    *version_urls(DeskLimits, "strategies/limits/"),
    path("strategies/desks/<uuid:code>/lists/", lists.lists, name="desk-lists"),
    path("strategies/lists/<uuid:code>/end/", lists.end, name="list-entry-end"),
    path("strategies/<uuid:code>/compliance/", compliance.compliance, name="strategy-compliance"),
    path("strategies/<uuid:code>/presence/", compliance.presence, name="strategy-presence"),
    path("strategies/<uuid:code>/comments/", comments.comments, name="strategy-comments"),
    path("strategies/comments/<uuid:code>/settle/", comments.settle, name="strategy-comment-settle"),
    path("strategies/<uuid:code>/orders/", orders.orders, name="strategy-orders"),
    path("strategies/<uuid:code>/exports/", exports.exports, name="strategy-exports"),
    path("strategies/exports/<uuid:code>/", exports.export_file, name="strategy-export-file"),
    path("strategies/exports/<uuid:code>/links/", exports.link_make, name="strategy-export-link"),
    path("strategies/export-links/<uuid:code>/revoke/", exports.link_revoke, name="strategy-export-link-revoke"),
    path("strategies/shared/<str:code>/", exports.shared, name="strategy-export-shared"),
    path("strategies/<uuid:code>/roles/", roles.roles, name="strategy-roles"),
    path("strategies/roles/<uuid:code>/", roles.role_run, name="role-run"),
]
