"""Providers of the ids of sold-out items. `menu` never imports `orders`: `orders` registers one when it is ready."""

from collections.abc import Callable

from django.db.models import QuerySet

Provider = Callable[[], "QuerySet"]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a function that returns an unevaluated queryset of the ids of sold-out items. Idempotent."""
    if provider not in _providers:
        _providers.append(provider)


def queries(using: str) -> list["QuerySet"]:
    """Return the providers' querysets, unevaluated, for a database alias."""
    return [provider().using(using) for provider in _providers]
