from typing import Any

from django.core.management.base import BaseCommand

from menu.versioning.querysets import begin_menu_epoch


class Command(BaseCommand):
    help = (
        "Begin a new epoch of the menu. Run it after restoring a backup: versions count from the backup on again, and"
        " without a new epoch programs would keep what they hold until they meet a higher version."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        epoch = begin_menu_epoch()
        self.stdout.write(f"A new epoch of the menu has begun: {epoch}. Every program shows the database's menu now.")
