"""Django's MySQL, and a transaction that begins by BEGIN.

Django turns autocommit off for a transaction and on again after it: a round trip more for each.
"""

from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction; autocommit, which stays on, is asleep until its end (Django's word for SQLite)."""
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.begin()
