from django.urls import path

from strategies.views import desks, runs, strategies

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
]
