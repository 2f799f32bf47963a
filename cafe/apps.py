from django.apps import AppConfig


class CafeConfig(AppConfig):
    name = "cafe"
    verbose_name = "Cloud Café"

    def ready(self) -> None:
        from cafe import checks

        checks.register_checks()
