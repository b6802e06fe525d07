from django.urls import path

from accounts.audit_pages import views

urlpatterns = [
    path("audit/", views.trail, name="audit"),
    path("audit/export/", views.export, name="audit-export"),
    path("audit/<int:sequence>/", views.entry, name="audit-entry"),
]
