from django.apps import AppConfig

from accounts.audit_pages.targets import show_at


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        show_at("projects.Project", "project-detail")
        show_at("projects.Submission", "submission-detail")
