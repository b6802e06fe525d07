from django.urls import path

from financings import views
from financings.views.compare import COMPARISONS

urlpatterns = [
    path("projects/<uuid:code>/financings/", views.financings_list, name="financings-list"),
    path("projects/<uuid:code>/financings/new/", views.financing_new, name="financing-new"),
    path("financings/", views.all_financings, name="financings"),
    *COMPARISONS.urls("financings"),
    path("financings/compare.xlsx", views.compare_workbook, name="compare-workbook"),
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
