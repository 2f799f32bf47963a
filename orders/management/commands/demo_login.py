import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

NAME = "demo"


class Command(BaseCommand):
    help = "Give the demo staff account a new random password and print it (embedded default only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or settings.DB_HOST:
            raise CommandError("The demo login is only for the embedded default (no DB_HOST, CAFE_ENV=local).")
        user, _is_new = get_user_model().objects.get_or_create(username=NAME)
        password = secrets.token_urlsafe(9)
        user.set_password(password)
        user.is_staff = user.is_active = True
        user.save()
        user.groups.set(Group.objects.filter(name="manager"))
        self.stdout.write(f"Staff login (new at each start): {NAME} / {password}")
