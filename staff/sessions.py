"""Ends an account's sessions. Django itself ends them after a change of its password (by the session hash)."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.utils import timezone


def end_sessions(user: User) -> None:
    """Delete the sessions of `user`: the next request, even a poll of the barista board, is redirected to the login.

    A session's row does not name its user, so each unexpired one is decoded; only staff have sessions: they are few.
    """
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects
    live = sessions.filter(expire_date__gt=timezone.now())
    theirs = [row.pk for row in live if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    sessions.filter(pk__in=theirs).delete()
