"""The page "Staff" in Django admin: list and add staff accounts, make one-time links, change roles, deactivate."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from orders.errors import OrderError
from orders.printing import public_address, qr_code
from staff import account_admin, services
from staff.errors import NameTaken, StaffError
from staff.forms import LoginForm, NameForm, NewMemberForm, RoleForm
from staff.models import Member

__all__ = ["MemberAdmin", "account_admin"]

admin.site.login_form = LoginForm

REFUSALS = (StaffError, OrderError)
Action = Callable[[HttpRequest, Member], HttpResponse]


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    list_display = ["name", "login_name", "role", "last_login", "state"]
    sortable_by = ()
    search_fields = ["first_name", "last_name", "username"]
    list_per_page = 50
    actions = None
    change_list_template = "admin/staff/list.html"

    @admin.display(description=pgettext_lazy("of a colleague", "name"))
    def name(self, member: Member) -> str:
        return member.name

    @admin.display(description=gettext_lazy("login name"))
    def login_name(self, member: Member) -> str:
        return member.get_username()

    @admin.display(description=gettext_lazy("role"))
    def role(self, member: Member) -> str:
        return member.role_label

    @admin.display(description=gettext_lazy("state"))
    def state(self, member: Member) -> str:
        return member.state_label

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).prefetch_related("groups", "user_permissions")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _manages_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages_staff(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages_staff(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages_staff(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Staff"), **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, awaited = NewMemberForm(request.POST or None, roles=services.roles_to_give(_actor(request))), None
        if form.is_valid():
            try:
                member, token = services.add_member(**form.cleaned_data, actor=_actor(request))
                self.log_addition(request, member, [{"added": {}}])
                return self._link_page(request, member, token)
            except NameTaken as error:
                awaited = _awaited_of_yours(request, error.member)
                form.add_error(error.field, _was_added(awaited) if awaited else error.message)
            except REFUSALS as error:
                form.add_error(None, error.message)
        status = 422 if form.is_bound else 200
        title = _("Add a colleague")
        return self._page(request, "admin/staff/add.html", title, status, form=form, awaited=awaited)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        if request.method != "POST":
            return self._member_page(request, member)
        actions: dict[str, Action] = {
            "link": self._new_link,
            "name": self._rename,
            "role": self._change_role,
            "deactivate": self._deactivate,
            "reactivate": self._reactivate,
        }
        action = actions.get(request.POST.get("action", ""))
        if action is None:
            raise Http404
        try:
            return action(request, member)
        except REFUSALS as error:
            messages.error(request, error.message)
            return redirect(_address(member))

    def _new_link(self, request: HttpRequest, member: Member) -> HttpResponse:
        token = services.issue_link(member=member, actor=_actor(request))
        self._log(request, member, gettext_noop("link"))
        return self._link_page(request, member, token)

    def _rename(self, request: HttpRequest, member: Member) -> HttpResponse:
        form = NameForm(request.POST)
        if not form.is_valid():
            return self._member_page(request, member, name_form=form)
        try:
            services.rename(member=member, name=form.cleaned_data["name"], actor=_actor(request))
        except NameTaken as error:
            form.add_error(error.field, error.message)
            return self._member_page(request, member, name_form=form)
        return self._done(request, member, gettext_noop("name"), _("The name is changed."))

    def _change_role(self, request: HttpRequest, member: Member) -> HttpResponse:
        form = RoleForm(request.POST, roles=services.roles_to_give(_actor(request)))
        if not form.is_valid():
            return self._member_page(request, member, role_form=form)
        services.change_role(member=member, role=form.cleaned_data["role"], actor=_actor(request))
        return self._done(
            request, member, gettext_noop("role"), _("The role is changed; the next touch asks for a new login.")
        )

    def _deactivate(self, request: HttpRequest, member: Member) -> HttpResponse:
        services.deactivate(member=member, actor=_actor(request))
        return self._done(
            request, member, gettext_noop("active: no"), _("%(name)s can no longer log in.") % {"name": member.name}
        )

    def _reactivate(self, request: HttpRequest, member: Member) -> HttpResponse:
        services.reactivate(member=member, actor=_actor(request))
        words = _("%(name)s can log in again, with the password from before.") % {"name": member.name}
        return self._done(request, member, gettext_noop("active: yes"), words)

    def _done(self, request: HttpRequest, member: Member, what: str, words: str) -> HttpResponse:
        self._log(request, member, what)
        messages.success(request, words)
        return redirect(_address(member))

    def _log(self, request: HttpRequest, member: Member, what: str) -> None:
        self.log_change(request, member, [{"changed": {"fields": [what]}}])

    def _member_page(self, request: HttpRequest, member: Member, **forms: Any) -> HttpResponse:
        actor = _actor(request)
        roles = services.roles_to_give(actor)
        context = {
            "name_form": NameForm(initial={"name": member.name}),
            "role_form": RoleForm(roles=roles, initial={"role": member.role}),
            "may_manage": services.may_manage(actor, member),
            "may_change_role": len(roles) > 1 and not member.is_superuser,
            "is_self": actor.pk == member.pk,
            "link": member.open_link,
        }
        status = 422 if forms else 200
        return self._page(request, "admin/staff/member.html", member.name, status, member=member, **context | forms)

    def _link_page(self, request: HttpRequest, member: Member, token: str) -> HttpResponse:
        """Return a page with the one-time link as the response to the POST. Its token is shown only here and stored
        nowhere; a redirect would have to store it.

        A reload or the language switch loses the link; the switch leads to the member's page, which makes a new one.
        """
        address = public_address(request, reverse("join", args=[token]))
        shown: dict[str, Any] = {"address": address, "qr": qr_code(address, _("QR code of the link"))}
        shown |= {"switch_leads_to": _address(member)}
        title = _("A link for %(name)s") % {"name": member.name}
        return self._page(request, "admin/staff/link.html", title, member=member, link=member.open_link, **shown)

    def _page(
        self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        site = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return render(request, template, site | context, status=status)


def _manages_staff(request: HttpRequest) -> bool:
    return request.user.has_perm("staff.manage_staff")


def _awaited_of_yours(request: HttpRequest, member: Member | None) -> Member | None:
    """Return `member` if they need only a new one-time link (no password yet) and the acting person may make it."""
    return member if member and member.is_awaited and services.may_manage(_actor(request), member) else None


def _was_added(member: Member) -> str:
    words = _("%(name)s was added already and has no password yet: make a new link, or tell the two apart by name.")
    return words % {"name": member.name}


def _actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def _address(member: Member) -> str:
    return reverse("admin:staff_member_change", args=[member.pk])
