"""The least that a Django with an admin needs, on the café's own database (`bench.baselines.bare_setup`)."""

import os

SECRET_KEY = "bench"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        **{name: os.environ.get(f"DB_{name}", "") for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD")},
    }
}
STATIC_URL = "/static/"
USE_TZ = True
