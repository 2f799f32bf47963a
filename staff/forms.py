from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from menu.fields import CleanTextField
from staff.login_hint import joined_as
from staff.models import Role
from staff.names import MAX_NAME


class NameForm(forms.Form):
    name = CleanTextField(
        label=pgettext_lazy("of a colleague", "Name"),
        max_length=MAX_NAME,
        help_text=_("As colleagues know it. Tickets and history show it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RoleForm(forms.Form):
    """A choice among `roles`, those that the acting person may assign."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        role.choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        role.initial = roles[0].value

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class NewMemberForm(RoleForm, NameForm):
    login_name = CleanTextField(
        label=_("Login name (optional)"),
        max_length=MAX_NAME,
        required=False,
        help_text=_("Typed at each login. Empty: made from the name. Letters, digits and @ . + - _ without blanks."),
        validators=[User.username_validator],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ["name", "role", "login_name"]

    def clean_login_name(self) -> str:
        return User.normalize_username(self.cleaned_data["login_name"])


class LoginForm(AdminAuthenticationForm):
    """Django admin's login form with our labels, prefilled with the login name in the cookie of `login_hint`."""

    username = UsernameField(label=_("Login name"), widget=forms.TextInput(attrs={"autofocus": True}))

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        name = joined_as(request) if request else ""
        if name:
            self.initial["username"] = name
            del self.fields["username"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True

    def get_invalid_login_error(self) -> ValidationError:
        words = self.error_messages["invalid_login"]
        return ValidationError(words, "invalid_login", {"username": _("login name")})
