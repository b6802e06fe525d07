from django.urls import path

from permutations import views
from permutations.views.comparison import COMPARISONS

urlpatterns = [
    path("projects/<uuid:code>/runs/new/", views.configure, name="run-new"),
    path("projects/<uuid:code>/runs/space/", views.space_size, name="run-space"),
    path("submissions/<uuid:code>/impact/", views.submission_impact, name="submission-impact"),
    path("runs/", views.runs_list, name="runs-list"),
    *COMPARISONS.urls("runs"),
    path("runs/<uuid:code>/", views.run_detail, name="run-detail"),
    path("runs/<uuid:code>/resume/", views.run_resume, name="run-resume"),
    path("runs/<uuid:code>/best/", views.run_best, name="run-best"),
    path("runs/<uuid:code>/name/", views.run_name, name="run-name"),
    path("runs/<uuid:code>/rejudge/", views.run_rejudge, name="run-rejudge"),
    path("runs/<uuid:code>/search/", views.search_new, name="search-new"),
    path("searches/<uuid:code>/", views.search_detail, name="search"),
    path("searches/<uuid:code>/points/<int:index>/", views.search_point, name="search-point"),
    path("rules/<uuid:code>/trial/", views.rules_trial, name="rules-trial"),
    path("runs/<uuid:code>/results/", views.results, name="results"),
    path("runs/<uuid:code>/results/export/", views.results_export, name="results-export"),
    path("runs/<uuid:code>/permutations/<int:index>/", views.permutation, name="permutation"),
    path("runs/<uuid:code>/permutations/<int:index>/<path:part>", views.permutation, name="permutation-part"),
    path("runs/<uuid:code>/compare/", views.run_compare, name="run-compare"),
]
