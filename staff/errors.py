"""Refusals of a change of the staff. Nothing was written when one of these is raised."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from staff.models import Member


class StaffError(Exception):
    """A refusal with a message for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotYours(StaffError):
    """The acting person may not change this account, or no longer."""

    def __init__(self) -> None:
        super().__init__(_("You may not change this account. Nothing was changed."))


class NameTaken(StaffError):
    """Somebody has this name (`field` "name"; `member` is who) or this login name ("login_name")."""

    def __init__(self, field: str, message: str, member: "Member | None" = None) -> None:
        super().__init__(message)
        self.field = field
        self.member = member


class LinkIsDead(StaffError):
    """The link was used, replaced, voided, or is older than its lifetime; or it never was one."""

    def __init__(self) -> None:
        super().__init__(_("This link no longer works."))
