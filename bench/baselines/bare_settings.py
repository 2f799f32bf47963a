"""The minimal settings of a Django with an admin, on the café's database (for `bench.baselines.bare_setup`)."""

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
