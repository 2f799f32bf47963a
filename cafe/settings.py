"""One settings file for every place the café runs; what differs comes from the environment (docs/architecture.md)."""

import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from cafe.caching import redis
from cafe.conf import env, json_logging

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("CAFE_DATA_DIR", BASE_DIR / "var")

CAFE_ENV = env.choice("CAFE_ENV", "local", ["local", "production"])
PRODUCTION = CAFE_ENV == "production"
PUBLIC_SCHEME = env.choice("PUBLIC_SCHEME", "http", ["http", "https"])
HTTPS = PUBLIC_SCHEME == "https"
PUBLIC_ORIGIN = env.origin("PUBLIC_ORIGIN")  # printed in QR codes; empty: the origin of the request that prints them
DEBUG = env.flag("DEBUG")

# Secrets and hosts


def _local_secret_key() -> str:
    """Return the key kept in DATA_DIR, made at the first start, so that carts (signed cookies) outlive a restart."""
    file = DATA_DIR / "secret_key"
    try:
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(50))
        return file.read_text()
    except OSError as error:
        env.PROBLEMS["CAFE_DATA_DIR"] = f"{file} cannot be written: {error.strerror}"
        return secrets.token_urlsafe(50)


# In production a missing key fails the system check cafe.E004; the placeholder lets Django load and run that check.
SECRET_KEY_IS_SET = len(env.text("SECRET_KEY")) >= 50
SECRET_KEY = env.text("SECRET_KEY") or ("missing" if PRODUCTION else _local_secret_key())
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "cloudcafe.local"]
)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", ["127.0.0.1", "::1"])
HEALTH_FULL_FROM = env.networks("HEALTH_FULL_FROM", [])

# gunicorn.conf.py uses these; they are read here, too, so that a wrong value fails a system check.
env.number("PORT", 8000, least=1, most=65535)
env.number("WEB_WORKERS", 2, least=1, most=256)
WEB_THREADS = env.number("WEB_THREADS", 8, least=1, most=1024)

# Application

INSTALLED_APPS = [
    "menu",
    "orders",
    "staff",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "cafe",
]

MIDDLEWARE = [
    "cafe.web.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",  # after WhiteNoise: on a page's ten scripts the header is 2 kB without effect
    "cafe.web.middleware.PublicAnswerMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cafe.web.middleware.LanguageMiddleware",
    "cafe.web.middleware.BodyLimitMiddleware",
    "cafe.serving.database_down_middleware.DatabaseDownMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cafe.web.middleware.SameOriginMiddleware",
    "cafe.web.middleware.AdminSelectionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cafe.staff_session.middleware.StaffSessionMiddleware",
]

ROOT_URLCONF = "cafe.urls"
WSGI_APPLICATION = "cafe.wsgi.application"
TEST_RUNNER = "tests.runner.PytestRunner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "menu.templatetags.cafe"],
        },
    },
]

# Database (design 3). The timeouts of the alias `default` keep a request from waiting for a hung server; the alias
# `maintenance`, for migrations and reports, has none.

DB_HOST = env.text("DB_HOST")
DB_STATEMENT_LIMIT_S = 3

_mysql = {
    "ENGINE": "cafe.mysql",
    "HOST": DB_HOST,
    "PORT": env.number("DB_PORT", 3306, least=1, most=65535),
    "NAME": env.text("DB_NAME", "cloudcafe"),
    "USER": env.text("DB_USER", "cafeadmin"),
    "PASSWORD": env.text("DB_PASSWORD"),
    "CONN_MAX_AGE": env.number("DB_CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"CHARSET": "utf8mb4"},
}
_mysql_options = {"charset": "utf8mb4", "isolation_level": "read committed", "connect_timeout": 2}
_strict = "SET SESSION sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
# MySQL and MariaDB each execute their own statement timeout and treat the other's as a comment.
_limits = (
    f"{_strict}, innodb_lock_wait_timeout=1"
    f" /*!80000 , max_execution_time={DB_STATEMENT_LIMIT_S * 1000} */"
    f" /*M!100100 , max_statement_time={DB_STATEMENT_LIMIT_S} */"
)
_sqlite: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "cafe.sqlite3",
    # A transaction takes the write lock at its start, so it waits for others and never fails half way.
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": "PRAGMA journal_mode=WAL"},
}

if DB_HOST:
    DATABASES = {
        "default": _mysql
        | {"OPTIONS": _mysql_options | {"read_timeout": 5, "write_timeout": 5, "init_command": _limits}},
        "maintenance": _mysql
        | {
            # check_books and reports read everything as of one moment.
            "OPTIONS": _mysql_options | {"isolation_level": "repeatable read", "init_command": _strict},
            "CONN_MAX_AGE": 0,  # closed after each request, so that a report leaves no second connection open
            "TEST": {"MIRROR": "default"},
        },
        # cafe.serving.menu_poller reads the menu's version twice a second; a hung server must not block it for long.
        "poller": _mysql
        | {
            "OPTIONS": _mysql_options
            | {"connect_timeout": 1, "read_timeout": 1, "write_timeout": 1, "init_command": _limits},
            "TEST": {"MIRROR": "default"},
        },
    }
else:
    # Reports read one consistent state, concurrently with writers, and do not take the write lock.
    _reading = {"OPTIONS": _sqlite["OPTIONS"] | {"transaction_mode": "DEFERRED"}, "TEST": {"MIRROR": "default"}}
    DATABASES = {"default": _sqlite, "maintenance": _sqlite | _reading, "poller": _sqlite | _reading}

# Cache (design 9): only the package cafe.caching uses it.

REDIS_HOST = env.text("REDIS_HOST")
CACHES = redis.config(
    host=REDIS_HOST,
    port=env.number("REDIS_PORT", 6379, least=1, most=65535),
    password=env.text("REDIS_PASSWORD"),
)

# Language, time, money

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "cafe.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "Asia/Shanghai")
CURRENCY = env.text("CURRENCY", "CNY")

# Off: the service worker, which stores the menu for offline use, unregisters itself on each device (menu/pwa.py).
OFFLINE_MENU = env.flag("OFFLINE_MENU", True)

# Static files: hashed, compressed, and kept by browsers for ever

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cafe.staticfiles.StylesheetFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# One stylesheet per page, bundled from small files: tokens, base, then a file per component (cafe.staticfiles). The
# last two are for forced colours and for print.
STYLESHEETS = {
    f"css/{pages}.css": [
        "css/fonts.css",
        "css/tokens.css",
        "css/base.css",
        "css/components/*.css",
        f"css/{pages}/*.css",
        "css/forced-colors.css",
        "css/print.css",
    ]
    for pages in ("shop", "staff")
}

# Staff

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# cafe.staff_session.lifetime: seconds from the last touch to the end of a session, and hours from signing in at most.
SESSION_COOKIE_AGE = 12 * 3600
STAFF_SESSION_MAX_HOURS = env.number("STAFF_SESSION_MAX_HOURS", 16, least=1, most=168)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Probes and the course's bare addresses come over plain HTTP from inside the cluster.
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)", r"^api(/|$)", r"^orders$", r"^cache/stats$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains and preloading are the domain owner's to decide, not the café's
    "security.W021",
] + ([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"])
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "cafe.web.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# In bytes. A form or an order is small; only staff upload pictures.
BODY_LIMIT = 64 * 1024
UPLOAD_LIMIT = 12 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
LOGGING = json_logging.config(LOG_LEVEL)
