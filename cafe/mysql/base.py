"""Django's MySQL backend, with transactions that start with BEGIN.

Django instead turns autocommit off before a transaction and on again after it: one more round trip per transaction.
"""

from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction by BEGIN; autocommit stays on, without effect until its end.

        Django calls this method if a backend has it; its own SQLite backend does.
        """
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.begin()
