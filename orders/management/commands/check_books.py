import sys
from typing import Any

from django.core.management.base import BaseCommand

from orders.audit import check_books


class Command(BaseCommand):
    help = (
        "Prove that orders, events, counts and moves agree; list what is off and exit with status 1 if anything is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_books()
        for finding in findings:
            self.stdout.write(str(finding))
        if findings:
            self.stderr.write(f"The books do not agree: {len(findings)} findings.")
            sys.exit(1)
        self.stdout.write("The books agree.")
