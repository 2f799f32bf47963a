"""Staff accounts. An account is a Django `User`; a role is one of its groups."""

from django.conf import settings
from django.contrib.auth.models import User, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from menu.fields import AsciiKeyField
from staff.names import person_name


class Role(models.TextChoices):
    """Roles that the page "Staff" can assign; each value is the name of a Django group."""

    BARISTA = "barista", _("Barista")
    MANAGER = "manager", _("Manager")


class MemberManager(UserManager["Member"]):
    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet["Member"]:
        """Return the accounts that may log in to staff pages, including deactivated ones."""
        return super().get_queryset().filter(is_staff=True)


class Member(User):
    """A staff account (proxy of Django's `User`)."""

    objects = MemberManager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        ordering = ["-is_active", "first_name", "username"]
        default_permissions = ()
        permissions = [("manage_staff", _("Can manage staff"))]

    @property
    def name(self) -> str:
        return person_name(self)

    @property
    def group_names(self) -> set[str]:
        return {group.name for group in self.groups.all()}

    @property
    def role(self) -> Role | None:
        """The highest role among the account's groups; None for a superuser and for an account with no such group."""
        if self.is_superuser:
            return None
        return next((role for role in (Role.MANAGER, Role.BARISTA) if role in self.group_names), None)

    @property
    def role_label(self) -> str:
        if self.is_superuser:
            return str(_("Administrator"))
        return str(self.role.label) if self.role else "–"

    @property
    def state_label(self) -> str:
        if not self.is_active:
            return str(_("deactivated"))
        return str(_("active") if self.has_usable_password() else _("has no password yet"))

    @property
    def is_awaited(self) -> bool:
        """True for a colleague who was added and has not chosen a password yet."""
        return self.is_active and not self.has_usable_password()

    @property
    def is_barista_alone(self) -> bool:
        """True for an account with the permissions of a barista and no others, which a manager may change."""
        return not self.is_superuser and self.group_names == {Role.BARISTA} and not self.user_permissions.all()

    @property
    def open_link(self) -> "StaffLink | None":
        link = StaffLink.objects.filter(user_id=self.pk).first()
        return link if link and link.is_open else None


class StaffLinkQuerySet(models.QuerySet["StaffLink"]):
    def open(self) -> "StaffLinkQuerySet":
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class StaffLink(models.Model):
    """The newest one-time link of an account: it sets a password, once. A newer link replaces it in this row.

    Only the SHA-256 hash of its token is stored, so a copy of the database gives no access to an account.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_constraint=False,
        related_name="staff_link",
        verbose_name=_("staff member"),
    )
    token_hash = AsciiKeyField(_("hash of the token"), max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)

    objects = StaffLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()
