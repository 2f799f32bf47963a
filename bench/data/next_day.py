"""Free today's order numbers: `python -m bench.data.next_day NUMBER` moves today's orders to the day 1970-01-01 +
NUMBER."""

import sys
from datetime import date, timedelta


def main(number: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from orders.models import Order

    long_ago = date(1970, 1, 1) + timedelta(days=number)
    Order.objects.using("maintenance").filter(business_day=timezone.localdate()).update(business_day=long_ago)


if __name__ == "__main__":
    main(int(sys.argv[1]))
