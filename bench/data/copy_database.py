"""Copy the café's database to another one on the same server: every table, and every row except those of orders.

`python -m bench.data.copy_database NAME` with the café's environment, on MariaDB.
"""

import sys


def main(name: str) -> None:
    import django

    django.setup()
    from django.db import connections

    maintenance = connections["maintenance"]
    with maintenance.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        for table in maintenance.introspection.table_names(cursor):
            cursor.execute(f"CREATE TABLE {name}.{table} LIKE {table}")
            if not table.startswith(("orders", "bench")):
                cursor.execute(f"INSERT INTO {name}.{table} SELECT * FROM {table}")


if __name__ == "__main__":
    main(sys.argv[1])
