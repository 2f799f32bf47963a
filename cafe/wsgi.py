"""The WSGI application. It does not start on a wrong configuration."""

import os
import sys

from django.core import checks
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cafe.settings")


def _start() -> WSGIHandler:
    application = get_wsgi_application()
    wrong = [message for message in checks.run_checks() if message.is_serious(checks.ERROR)]
    if wrong:
        sys.exit("The café does not start:\n" + "\n".join(str(message) for message in wrong))
    return application


application = _start()
