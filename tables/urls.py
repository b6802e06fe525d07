from django.urls import path

from tables.views import saved_views

urlpatterns = [
    path("views/<slug:kind>/save/", saved_views.view_save, name="view-save"),
    path("views/<uuid:code>/rename/", saved_views.view_rename, name="view-rename"),
    path("views/<uuid:code>/share/", saved_views.view_share, name="view-share"),
    path("views/<uuid:code>/delete/", saved_views.view_delete, name="view-delete"),
]
