from django.urls import path

from strategies.views import desks, portfolio, runs, strategies

urlpatterns = [
    path("strategies/", strategies.strategies, name="strategies"),
    path("strategies/desks/", desks.desks, name="desks"),
    path("strategies/desks/<uuid:code>/", desks.desk, name="desk"),
    path("strategies/desks/<uuid:code>/new/", strategies.strategy_new, name="strategy-new"),
    path("strategies/<uuid:code>/", strategies.strategy, name="strategy"),
    path("strategies/runs/<uuid:code>/", runs.run, name="strategy-run"),
    # data and signals
    # portfolios
    path("strategies/<uuid:code>/portfolio/", portfolio.portfolio, name="strategy-portfolio"),
    path("strategies/runs/<uuid:code>/what-if/", portfolio.what_if, name="strategy-what-if"),
    # backtests, risk, scenarios
    # limits, sign-off, roles
]
