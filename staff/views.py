"""The page of a one-time link, where a colleague chooses a password. Only the form's POST uses the link, no GET does:
chat apps open links to preview them."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from orders.errors import OrderError
from staff import services
from staff.errors import LinkIsDead
from staff.login_hint import note_joined
from staff.models import Member

# The page's URL contains the token. This policy keeps the path out of every Referer header. "no-referrer" would also
# remove the Origin from the form's POST, which the same-origin check (`SameOriginMiddleware`) needs.
REFERRER_POLICY = "strict-origin"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
def join(request: HttpRequest, token: str) -> HttpResponse:
    member = services.member_of_link(token)
    if member is None:
        return _page(request, "admin/staff/dead_link.html", _("This link no longer works."), status=410)
    form = SetPasswordForm(member, request.POST or None)
    if form.is_valid():
        try:
            services.use_link(token=token, password=form.cleaned_data["new_password1"])
            return _lead_to_login(request, member)
        except LinkIsDead as error:
            return _page(request, "admin/staff/dead_link.html", error.message, status=410)
        except OrderError as error:
            form.add_error(None, error.message)
    title = _("Choose your password")
    status = 422 if form.is_bound else 200
    return _page(request, "admin/staff/join.html", title, status, form=form, member=member)


def _lead_to_login(request: HttpRequest, member: Member) -> HttpResponse:
    words = _("Your password is set. Log in as “%(login_name)s”.") % {"login_name": member.get_username()}
    messages.success(request, words)
    answer = redirect(f"{reverse('admin:login')}?next={reverse('bar:queue')}")
    answer["Referrer-Policy"] = REFERRER_POLICY
    note_joined(answer, member.get_username())
    return answer


def _page(request: HttpRequest, template: str, title: str, status: int, **context: object) -> HttpResponse:
    site = {**admin.site.each_context(request), "has_permission": False, "is_nav_sidebar_enabled": False}
    answer = render(request, template, cast(dict[str, object], site) | context | {"title": title}, status=status)
    answer["Referrer-Policy"] = REFERRER_POLICY
    return answer
