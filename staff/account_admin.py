"""Django admin's pages for accounts and groups: superusers only, the permission checks of the page "Staff", and
labels in both languages."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, SetUnusablePasswordMixin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff import services
from staff.errors import NotYours
from staff.sessions import end_sessions

# The fields of an account that hold its permissions; a change of one of them ends its sessions.
RIGHTS = {"is_active", "is_staff", "is_superuser", "groups", "user_permissions"}

admin.site.unregister([User, Group])


def permission_label(permission: Permission) -> str:
    """Return a permission in the active language, as "Item: can change"; Django stores its name in English."""
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    verbs = {"add": _("can add"), "change": _("can change"), "delete": _("can delete"), "view": _("can view")}
    verb = verbs.get(permission.codename.removesuffix(f"_{model._meta.model_name}"))
    named = {str(codename): words for codename, words in model._meta.permissions}
    words = {
        "model": capfirst(model._meta.verbose_name),
        "verb": verb or named.get(permission.codename, permission.name),
    }
    return _("%(model)s: %(verb)s") % words


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, permission: Any) -> str:
        return permission_label(permission)


class ForSuperusers(admin.ModelAdmin):
    """Admin pages for superusers only, with permissions shown in the active language.

    Deletion is disabled, because history shows the names of accounts.
    """

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        if db_field.remote_field.model is Permission:
            kwargs["form_class"] = PermissionsField
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, cast(HttpRequest, request), **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PasswordForm(AdminPasswordChangeForm):
    """Django's form with a translated warning: Django's own warning has no translation."""

    usable_password_help_text = format_lazy(  # type: ignore[assignment]
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        SetUnusablePasswordMixin.usable_password_help_text,
        gettext_lazy("If disabled, the current password for this user will be lost."),
    )


@admin.register(Group)
class StaffGroupAdmin(ForSuperusers, GroupAdmin):
    pass


@admin.register(User)
class AccountAdmin(ForSuperusers, UserAdmin):
    list_display = ["username", "first_name", "last_name", "last_login"]
    change_password_form = PasswordForm

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return Django's read-only fields, and RIGHTS on one's own account: nobody removes their own permissions."""
        is_own = obj is not None and obj.pk == request.user.pk
        return [*super().get_readonly_fields(request, obj), *(sorted(RIGHTS) if is_own else [])]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save in the admin's transaction. If RIGHTS change, lock both accounts, check that the acting person may
        still change this one, and end its sessions. Raises PermissionDenied."""
        rights_change = change and not RIGHTS.isdisjoint(form.changed_data)
        if rights_change:
            try:
                services.lock_and_check(cast(User, request.user), obj)
            except NotYours as error:
                raise PermissionDenied from error
        super().save_model(request, obj, form, change)
        if rights_change:
            end_sessions(obj)
