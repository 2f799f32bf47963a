"""A bare `django.setup()` with the admin, and nothing more: `python -m bench.peers.bare_setup` does it and exits."""

import os

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.bare_settings"
    import django

    django.setup()
