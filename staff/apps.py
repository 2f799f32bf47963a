from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Team")

    def ready(self) -> None:
        from django.contrib.auth.models import Group, User

        from staff.names import group_name, person_name

        # Each page that prints an account or a group (a ticket, history, Django's forms) shows what people call it.
        User.add_to_class("__str__", person_name)
        Group.add_to_class("__str__", group_name)
