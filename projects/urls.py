from django.urls import path

from projects import views

urlpatterns = [
    path("projects/", views.projects_list, name="projects-list"),
    path("projects/new/", views.project_new, name="project-new"),
    path("projects/figures/", views.project_figures, name="project-figures"),
    path("projects/<uuid:code>/", views.project_detail, name="project-detail"),
    path("projects/<uuid:code>/edit/", views.project_edit, name="project-edit"),
]
