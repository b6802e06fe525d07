from django.urls import path

from operations import views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/now/", views.now, name="operations-now"),
    path("operations/retry/", views.retry, name="operations-retry"),
]
