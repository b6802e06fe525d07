from django.urls import path

from financings import views

urlpatterns = [
    path("projects/<uuid:code>/financings/", views.financings_list, name="financings-list"),
    path("projects/<uuid:code>/financings/new/", views.financing_new, name="financing-new"),
    path("financings/", views.all_financings, name="financings"),
    path("financings/compare/", views.compare, name="compare"),
    path("financings/compare.xlsx", views.compare_workbook, name="compare-workbook"),
    path("financings/comparisons/keep/", views.kept_new, name="comparison-keep"),
    path("financings/comparisons/<uuid:code>/", views.kept_page, name="comparison"),
    path("financings/comparisons/<uuid:code>/note/", views.kept_note, name="comparison-note"),
    path("financings/comparisons/<uuid:code>/drop/", views.kept_drop, name="comparison-drop"),
    path("financings/<uuid:code>/", views.financing, name="financing"),
    path("financings/<uuid:code>/stress/", views.financing_stress, name="financing-stress"),
    path("financings/<uuid:code>/simulate/", views.simulation_new, name="simulation-new"),
    path("financings/<uuid:code>/compliance/", views.compliance, name="compliance"),
    path("financings/<uuid:code>/compliance.json", views.compliance_data, name="compliance-data"),
    path("financings/<uuid:code>/evidence/", views.evidence, name="evidence"),
    path("calculations/", views.calculations, name="calculations"),
    path("calculations/<slug:slug>/", views.calculation, name="calculation"),
    path("simulations/<uuid:code>/", views.simulation_detail, name="simulation"),
]
