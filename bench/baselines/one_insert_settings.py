"""Settings of bench.baselines.one_insert: Django without contrib apps or middleware, with the café's DATABASES."""

from cafe import settings as cafe

SECRET_KEY = "nothing is signed here"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["bench.baselines"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.baselines.one_insert"
DATABASES = {"default": cafe.DATABASES["default"]}
DEFAULT_AUTO_FIELD = cafe.DEFAULT_AUTO_FIELD
USE_TZ, TIME_ZONE = cafe.USE_TZ, cafe.TIME_ZONE
USE_I18N = False
LOGGING = cafe.LOGGING
