from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        from projects import services  # noqa: F401  # a verb hears of who joins an organisation
        from projects.house import join

        join()
