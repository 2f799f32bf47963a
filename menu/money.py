"""Amounts of money as people read them. Money is always a Decimal in units of CURRENCY."""

from decimal import Decimal

from django.conf import settings

SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"}
CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    """Return "¥25", "¥25.50" or "¥1,250"; a negative amount has its sign first."""
    cents = abs(amount).quantize(CENT)
    digits = f"{cents:,f}".removesuffix(".00")
    return f"{'−' if amount < 0 else ''}{currency_symbol()}{digits}"


def currency_symbol() -> str:
    return SYMBOLS.get(settings.CURRENCY, settings.CURRENCY + " ")


def difference(amount: Decimal) -> str:
    """Return "+¥5" or "−¥3", and nothing for zero."""
    if not amount:
        return ""
    return money(amount) if amount < 0 else f"+{money(amount)}"
