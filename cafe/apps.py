from django.apps import AppConfig


class CafeConfig(AppConfig):
    name = "cafe"
    verbose_name = "Cloud Café"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from cafe.conf import checks
        from cafe.staff_session import lifetime

        checks.register_checks()
        user_logged_in.connect(lifetime.begin, dispatch_uid="cafe.staff_session.lifetime.begin")
