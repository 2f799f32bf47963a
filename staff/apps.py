from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Team")

    def ready(self) -> None:
        from django.contrib.auth.models import Group, User

        from staff.names import group_name, person_name

        # `str()` of an account or a group is its display name: tickets, history and Django's forms print it.
        User.add_to_class("__str__", person_name)
        Group.add_to_class("__str__", group_name)
