from django.contrib import admin
from django.urls import include, path

from atlasnexus.health import health, healthz, readyz
from atlasnexus.metrics import metrics

urlpatterns = [
    path("", include("portal.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.audit_pages.urls")),
    path("", include("jobs.urls")),
    path("", include("notifications.urls")),
    path("", include("tables.urls")),
    path("", include("projects.urls")),
    path("", include("ratings.urls")),
    path("", include("financings.urls")),
    path("", include("reconciliation.urls")),
    path("", include("permutations.urls")),
    path("", include("documents.urls")),
    path("", include("portfolios.urls")),
    path("", include("securitisation.urls")),
    path("", include("strategies.urls")),
    path("", include("operations.urls")),
    path("", include("api.urls")),
    path("health/", health, name="health"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]

handler400 = "atlasnexus.errors.bad_request"
handler403 = "atlasnexus.errors.forbidden"
handler404 = "atlasnexus.errors.not_found"
handler429 = "atlasnexus.errors.too_many_requests"
handler500 = "atlasnexus.errors.server_error"
