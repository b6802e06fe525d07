from django.urls import path

from records.urls import version_urls
from strategies.models import DeskLimits
from strategies.views import comments, compliance, desks, exports, lists, orders, roles, runs, strategies

urlpatterns = [
    path("strategies/", strategies.strategies, name="strategies"),
    path("strategies/desks/", desks.desks, name="desks"),
    path("strategies/desks/<uuid:code>/", desks.desk, name="desk"),
    path("strategies/desks/<uuid:code>/new/", strategies.strategy_new, name="strategy-new"),
    path("strategies/<uuid:code>/", strategies.strategy, name="strategy"),
    path("strategies/runs/<uuid:code>/", runs.run, name="strategy-run"),
    # data and signals
    # portfolios
    # backtests, risk, scenarios
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
