from django.urls import path

from documents import views

urlpatterns = [
    path("runs/<uuid:code>/permutations/<int:index>/model.xlsx", views.live_model, name="live-model"),
]
