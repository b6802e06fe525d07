from django.urls import path

from jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:code>/", views.job, name="job"),
    path("jobs/<uuid:code>/stream/", views.job_stream, name="job-stream"),
    path("jobs/<uuid:code>/status/", views.job_status, name="job-status"),
    path("jobs/<uuid:code>/cancel/", views.job_cancel, name="job-cancel"),
]
