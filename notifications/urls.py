from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.bell, name="notifications-bell"),
    path("notifications/read/", views.read_all, name="notifications-read-all"),
    path("notifications/settings/", views.mail_settings, name="notification-settings"),
    path("notifications/<uuid:code>/", views.open_notification, name="notification-open"),
    path("notifications/<uuid:code>/read/", views.read_one, name="notification-read"),
]
