"""Run a bare `django.setup()` with the admin, and exit: `python -m bench.baselines.bare_setup`."""

import os

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.baselines.bare_settings"
    import django

    django.setup()
