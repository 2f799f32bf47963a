"""System checks of the configuration, each with an ID and a hint; `cafe.wsgi` does not start if one is an error."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.utils import DatabaseError

from cafe.conf import env


def readable_values(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(f"{name}: {problem}", hint=f"Correct {name} in the environment, or unset it.", id="cafe.E001")
        for name, problem in env.PROBLEMS.items()
    ]


def production_values(**kwargs: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    wanted = [
        (
            bool(settings.DB_HOST),
            "cafe.E002",
            "DB_HOST is not set.",
            "Production keeps the truth in MySQL or MariaDB.",
        ),
        (
            not settings.DB_HOST or bool(settings.DATABASES["default"]["PASSWORD"]),
            "cafe.E003",
            "DB_PASSWORD is not set.",
            "Set DB_PASSWORD, or DB_PASSWORD_FILE to a file that holds it.",
        ),
        (
            settings.SECRET_KEY_IS_SET,
            "cafe.E004",
            "SECRET_KEY is missing or shorter than 50 characters.",
            "Set SECRET_KEY (or SECRET_KEY_FILE) to a long random value, the same in every program.",
        ),
        (
            bool(settings.ALLOWED_HOSTS) and "*" not in settings.ALLOWED_HOSTS,
            "cafe.E005",
            "ALLOWED_HOSTS is empty or allows every host.",
            "Set ALLOWED_HOSTS to the names customers use, such as cafe.example.com.",
        ),
        (not settings.DEBUG, "cafe.E006", "DEBUG is on.", "Unset DEBUG in production."),
    ]
    return [Error(message, hint=hint, id=id_) for is_right, id_, message, hint in wanted if not is_right]


def database_stores_every_character(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each MySQL or MariaDB database that is not utf8mb4.

    A database created on a bare server defaults to latin1, and would refuse 拿铁.
    """
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@character_set_database, DATABASE()")
                charset, name = cursor.fetchone()
        except DatabaseError:
            continue  # the command that runs the checks reports this error better
        if charset != "utf8mb4":
            problems.append(
                Error(
                    f"The database {name} stores {charset}, not utf8mb4.",
                    hint=f"ALTER DATABASE {name} CHARACTER SET utf8mb4;",
                    id="cafe.E007",
                )
            )
    return problems


def register_checks() -> None:
    register(readable_values, Tags.compatibility)
    register(production_values, Tags.security)
    register(database_stores_every_character, Tags.database)
