"""The page that offers a form stored by `cafe.staff_session.unsent_forms`, and the POST that extends a session."""

import re

from django.apps import apps
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cafe.staff_session import lifetime, unsent_forms
from orders.bar import delayed_actions

ADMIN_PAGE = re.compile(r"admin:([a-z]+)_([a-z]+)_\w+")
NOT_TYPED = re.compile(
    r"_.*|seen|by|kept_for_s|action|index|select_across|.*-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_.*|.*-id"
)


@require_safe
@never_cache
def unsent_page(request: HttpRequest) -> HttpResponse:
    """Show the form that this session stores; its person may send it, and a script does if `needs_no_press`."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path, reverse("admin:login"))
    form = unsent_forms.kept(request.session)
    if form is None:
        return redirect(_home(request))
    may_send = form.may_be_sent_by(request.user.pk)
    context = {
        "form": form,
        "what": _what(form),
        "may_send": may_send,
        "sends_now": may_send and form.needs_no_press,
        "person": User.objects.filter(pk=form.by).first() if form.by else None,
        "typed": [(name, values) for name, values in form.fields if any(values) and not NOT_TYPED.fullmatch(name)],
        "home": _home(request),
    }
    return render(request, "admin/unsent_form.html", context)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Redirect (307) to the form's own address, once: the browser repeats the POST there with a new CSRF token."""
    form = unsent_forms.kept(request.session)
    if form is None or not request.user.is_authenticated or not form.may_be_sent_by(request.user.pk):
        return redirect("unsent")
    unsent_forms.forget(request.session)
    return redirect(form.path, preserve_request=True)


@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    unsent_forms.forget(request.session)
    return redirect(_home(request))


@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Let the middleware extend the session, as at each touch; log out and redirect to the login if it cannot."""
    address = request.POST.get("next", "")
    is_ours = address.startswith("/admin/") and url_has_allowed_host_and_scheme(address, {request.get_host()})
    address = address if is_ours else _home(request)
    ending = lifetime.ending(request.session)
    if ending and not ending.can_extend:
        logout(request)
    if not request.user.is_authenticated:
        return redirect_to_login(address, reverse("admin:login"))
    return redirect(address)


def _home(request: HttpRequest) -> str:
    return reverse("bar:queue" if request.user.has_perm("orders.work_bar") else "admin:index")


def _what(form: unsent_forms.Unsent) -> str:
    """Return the form in words: the action and its order, or the admin page that it belongs to."""
    try:
        match = resolve("/" + form.path.removeprefix(get_script_prefix()))
    except Resolver404:
        return form.path
    if match.view_name == "bar:act":
        return delayed_actions.in_words(match.kwargs["token"], match.kwargs["action"], form.value("seen"))
    return _admin_page(match) or form.path


def _admin_page(match: ResolverMatch) -> str:
    named = ADMIN_PAGE.fullmatch(match.view_name)
    try:
        model = apps.get_model(".".join(named.groups())) if named else None
    except LookupError:
        model = None
    return _("Admin: %(page)s") % {"page": model._meta.verbose_name_plural} if model else ""
