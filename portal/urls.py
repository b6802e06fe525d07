from django.urls import path

from portal import finding, views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", finding.search, name="find"),
    path("help/", finding.help_page, name="help"),
]
