from django.urls import path

from portal import finding, views

urlpatterns = [
    path("", views.home, name="home"),
    path("tour/leave/", views.tour_leave, name="tour-leave"),
    path("search/", finding.search, name="find"),
    path("help/", finding.help_page, name="help"),
]
