"""11月2日: Django's own has 11月02日."""

MONTH_DAY_FORMAT = "n月j日"
