"""Fill the empty order tables by INSERT … SELECT from MariaDB's Sequence engine: millions of rows in minutes.

`python -m bench.data.many_orders COUNT` with the café's environment, on MariaDB. Prints the session key of a barista,
then the tokens of a hundred orders, one a line. The newest 40 orders are open, all others are completed.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

OPEN = 40
A_DAY = 900  # orders a day: a number is unique within its day
TOKENS = 100
AT_ONCE = 500_000  # rows inserted by one statement
STATUS = (
    "CASE WHEN seq <= 14 THEN 'pending' WHEN seq <= 27 THEN 'preparing' WHEN seq <= 40 THEN 'ready'"
    " ELSE 'completed' END"
)
ORDERS = f"""
INSERT INTO orders_order (id, token, number, business_day, customer_name, phone, note, fulfilment, language, status,
    payment_status, total, submission_key, submission_hash, placed_at, moved_at)
SELECT seq, LEFT(MD5(CONCAT('token', seq)), 22), 100 + seq MOD {A_DAY}, %s - INTERVAL (seq DIV {A_DAY}) DAY,
    CONCAT('Customer ', seq), '', '', 'to_go', 'zh-hans', {STATUS}, 'paid', 25.00, MD5(CONCAT('key', seq)), '',
    NOW(6) - INTERVAL seq MINUTE, NOW(6) - INTERVAL seq MINUTE
FROM seq_{{first}}_to_{{last}}
"""
LINES = """
INSERT INTO orders_orderline (order_id, item_id, item_slug, name_en, name_zh_hans, options, unit_price, quantity,
    was_counted)
SELECT seq, {item}, '{slug}', 'Latte', '拿铁', '[]', 25.00, 1, 0 FROM seq_{first}_to_{last}
"""
EVENTS = """
INSERT INTO orders_orderevent (order_id, from_status, to_status, at, reason)
SELECT seq, '', 'pending', NOW(6) - INTERVAL seq MINUTE, '' FROM seq_{first}_to_{last}
"""


def main(count: int) -> None:
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone

    from menu.models import Item

    latte = Item.objects.get(slug="latte")

    def fill(statement: str, *parameters: object) -> None:
        with connections["maintenance"].cursor() as cursor:  # each thread has its own connection
            cursor.execute("SET unique_checks = 0, foreign_key_checks = 0")
            for first in range(1, count + 1, AT_ONCE):
                span = {"first": first, "last": min(first + AT_ONCE - 1, count)}
                cursor.execute(statement.format(item=latte.pk, slug=latte.slug, **span), parameters)

    def fill_orders() -> None:
        with connections["maintenance"].cursor() as cursor, without_indexes(cursor, "orders_order"):
            fill(ORDERS, timezone.localdate())

    with ThreadPoolExecutor() as pool:
        for table in (pool.submit(fill_orders), pool.submit(fill, LINES), pool.submit(fill, EVENTS)):
            table.result()
    with connections["maintenance"].cursor() as cursor:
        cursor.execute("ANALYZE TABLE orders_order, orders_orderline, orders_orderevent")
        cursor.execute(f"SELECT token FROM orders_order WHERE id IN ({', '.join(map(str, some_of(count)))})")
        tokens = [token for (token,) in cursor.fetchall()]
    print(session_of_a_barista(), *tokens, sep="\n")


@contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Drop a table's indexes, and rebuild them after the block: one sort is faster than an update for each row."""
    cursor.execute(
        "SELECT index_name, non_unique, GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY seq_in_index)"
        " FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = %s"
        " AND index_name <> 'PRIMARY' GROUP BY index_name, non_unique",
        [table],
    )
    indexes = cursor.fetchall()
    cursor.execute(f"ALTER TABLE {table} " + ", ".join(f"DROP INDEX `{name}`" for name, *_ in indexes))
    yield
    made = (f"ADD {'' if other else 'UNIQUE '}INDEX `{name}` ({columns})" for name, other, columns in indexes)
    cursor.execute(f"ALTER TABLE {table} " + ", ".join(made))


def some_of(count: int) -> range:
    """Return about TOKENS ids at equal distances over the whole table."""
    return range(1, count + 1, max(count // TOKENS, 1))


def session_of_a_barista() -> str:
    """Create a signed-in staff session and return its key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    user, _is_new = User.objects.get_or_create(username="bench", defaults={"is_staff": True, "is_superuser": True})
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))
