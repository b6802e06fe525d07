from django.urls import path

from ratings import scenario_views, views

urlpatterns = [
    path("rules/", views.rules_list, name="rules-list"),
    path("rules/<uuid:code>/", views.rules_detail, name="rules-detail"),
    path("rules/<uuid:code>/changes/", views.rules_changes, name="rules-changes"),
    path("scenarios/", scenario_views.scenario_sets, name="scenario-sets"),
    path("scenarios/new/", scenario_views.scenario_set_new, name="scenario-set-new"),
    path("scenarios/<uuid:code>/", scenario_views.scenario_set_detail, name="scenario-set"),
    path("scenarios/<uuid:code>/share/", scenario_views.scenario_set_share, name="scenario-set-share"),
    path("scenarios/<uuid:code>/delete/", scenario_views.scenario_set_delete, name="scenario-set-delete"),
    path("rules/<uuid:code>/export/", views.rules_export, name="rules-export"),
]
