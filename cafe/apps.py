from django.apps import AppConfig


class CafeConfig(AppConfig):
    name = "cafe"
    verbose_name = "Cloud Café"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from cafe import checks, staff_sessions

        checks.register_checks()
        user_logged_in.connect(staff_sessions.begin, dispatch_uid="cafe.staff_sessions.begin")
