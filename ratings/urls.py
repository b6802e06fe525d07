from django.urls import path

from ratings import scenario_views
from ratings.models import MarketSet, RuleSet
from records.urls import version_urls

urlpatterns = [
    *version_urls(RuleSet, "rules/"),
    *version_urls(MarketSet, "market/"),
    path("scenarios/", scenario_views.scenario_sets, name="scenario-sets"),
    path("scenarios/new/", scenario_views.scenario_set_new, name="scenario-set-new"),
    path("scenarios/<uuid:code>/", scenario_views.scenario_set_detail, name="scenario-set"),
    path("scenarios/<uuid:code>/share/", scenario_views.scenario_set_share, name="scenario-set-share"),
    path("scenarios/<uuid:code>/delete/", scenario_views.scenario_set_delete, name="scenario-set-delete"),
]
