"""The admin site: for administrators, behind the same sign-in page as everything else."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect


class AtlasAdminSite(AdminSite):
    site_header = site_title = "Atlas Nexus administration"
    index_title = "Records"
    enable_nav_sidebar = False

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One place to change a password, whoever asks."""
        return redirect("account_change_password")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise Http404("The administration is for administrators.")
        return redirect_to_login(request.GET.get("next", request.get_full_path()))
