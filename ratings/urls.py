from django.urls import path

from ratings import views

urlpatterns = [
    path("rules/", views.rules_list, name="rules-list"),
    path("rules/<uuid:code>/", views.rules_detail, name="rules-detail"),
    path("rules/<uuid:code>/changes/", views.rules_changes, name="rules-changes"),
]
