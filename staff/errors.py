"""Exceptions that refuse a change of staff accounts. When one of them is raised, nothing was written."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from staff.models import Member


class StaffError(Exception):
    """Base class; `message` is translated and shown to staff."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotYours(StaffError):
    """The acting person lacks the permission to change this account, perhaps since a moment ago."""

    def __init__(self) -> None:
        super().__init__(_("You may not change this account. Nothing was changed."))


class NameTaken(StaffError):
    """Another account has this name (`field` is "name", `member` that account) or login name ("login_name")."""

    def __init__(self, field: str, message: str, member: "Member | None" = None) -> None:
        super().__init__(message)
        self.field = field
        self.member = member


class LinkIsDead(StaffError):
    """The one-time link was used, replaced, revoked or has expired, or it was never issued."""

    def __init__(self) -> None:
        super().__init__(_("This link no longer works."))
