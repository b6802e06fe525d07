from django.urls import path

from projects.views import detail, form
from projects.views import list as shelf

urlpatterns = [
    path("projects/", shelf.projects_list, name="projects-list"),
    path("projects/new/", form.project_new, name="project-new"),
    path("projects/figures/", form.project_figures, name="project-figures"),
    path("projects/<uuid:code>/", detail.project_detail, name="project-detail"),
    path("projects/<uuid:code>/edit/", form.project_edit, name="project-edit"),
]
