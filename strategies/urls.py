from django.urls import path

from strategies.views import desks, panels, runs, signals, strategies, universes

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
    # backtests, risk, scenarios
    # limits, sign-off, roles
]
