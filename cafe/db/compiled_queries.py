"""Queries compiled to SQL once; after that only their parameters change.

Django spends 0.2 to 2 ms of CPU time on compiling a query and 0.05 ms on sending it: compilation took three quarters
of an order's CPU time. A query is written as a function that takes its values and returns a queryset. It is called
once for each shape of the query (a list of two makes another `IN (…)` than one of three), with a `Param` in place of
each value, and the SQL of Django's compiler for this database is cached.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DecimalField,
    Expression,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.sql import InsertQuery, UpdateQuery

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
Values = Mapping[str, Any]
Statement = tuple[str, list[Any]] | None

# Fields that pass values of these types to the database driver unchanged.
PLAIN_FIELDS = (BooleanField, CharField, ForeignKey, IntegerField)
PLAIN_VALUES = (int, str, type(None))
# Fields whose values always have the field's Python type here and only need the backend's format.
FORMATTED_FIELDS = (DateField, DecimalField)


class Param(Expression):
    """A placeholder in a queryset for a value that is bound later."""

    def __init__(self, name: str, index: int | None = None) -> None:
        super().__init__()
        self.name, self.index = name, index

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def of(self, values: dict[str, Any], database: Any) -> Any:
        value = values[self.name]
        value = value if self.index is None else value[self.index]
        return value if type(value) in (int, str) else database.ops.adapt_unknown_value(value)


class _CompiledSql:
    """Compiled SQL, its parameters (values or `Param`), and the converters of its columns."""

    def __init__(self, compiler: Any) -> None:
        self._sql, self._parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select or []]
        self._converters = list(compiler.get_converters(columns).items())

    def bind(self, values: dict[str, Any], database: Any) -> tuple[str, list[Any]]:
        given = self._parameters
        return self._sql, [one.of(values, database) if isinstance(one, Param) else one for one in given]

    def converted(self, row: Row, database: Any) -> Row:
        cells = list(row)
        for position, (converters, column) in self._converters:
            for convert in converters:
                cells[position] = convert(cells[position], column, database)
        return tuple(cells)


class _Prepared:
    def __init__(self) -> None:
        self._written: dict[Any, _CompiledSql] = {}

    def _statement(self, values: dict[str, Any], database: Any) -> _CompiledSql:
        form = (database.vendor, *(len(value) if isinstance(value, list) else None for value in values.values()))
        if form not in self._written:
            params = {name: _params(name, value) for name, value in values.items()}
            self._written[form] = _CompiledSql(self._query(params).get_compiler(connection=database))
        return self._written[form]

    def _query(self, params: dict[str, Any]) -> Any:
        raise NotImplementedError


class Read(_Prepared):
    """A SELECT: `compose` returns a queryset of `values_list`."""

    def __init__(self, compose: Callable[..., "QuerySet[Any, Any]"]) -> None:
        super().__init__()
        self._compose = compose

    def __call__(self, **values: Any) -> list[Row]:
        """Return the rows. A list is bound to the placeholders of an `IN (…)` and must not be empty."""
        database = connections[DEFAULT_DB_ALIAS]
        statement = self._statement(values, database)
        with database.cursor() as cursor:
            cursor.execute(*statement.bind(values, database))
            return [statement.converted(row, database) for row in cursor.fetchall()]

    def _query(self, params: dict[str, Any]) -> Any:
        return self._compose(**params).query


class Update(_Prepared):
    """An UPDATE: `compose` returns a queryset and the fields' new values."""

    def __init__(self, compose: Callable[..., tuple["QuerySet[Any]", dict[str, Any]]]) -> None:
        super().__init__()
        self._compose = compose

    def __call__(self, **values: Any) -> Statement:
        """Return the statement with these values, for `execute_batch`."""
        database = connections[DEFAULT_DB_ALIAS]
        return self._statement(values, database).bind(values, database)

    def _query(self, params: dict[str, Any]) -> Any:
        rows, changes = self._compose(**params)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return query


class Insert(Generic[M]):
    """INSERTs of one model. Like `bulk_create` they send no signals and do not support multi-table inheritance."""

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._fields: list[Field[Any, Any]] = [
            field for field in model._meta.local_concrete_fields if not (field.primary_key or field.generated)
        ]
        self._columns = [(field, field.attname, _way_of(field)) for field in self._fields]
        self._written: dict[Any, str] = {}

    def one(self, row: M) -> M:
        """Insert one row and set its primary key."""
        database = connections[DEFAULT_DB_ALIAS]
        with database.cursor() as cursor:
            cursor.execute(
                self._sql([vars(row)], database, asks_for_key=True), self._parameters([vars(row)], database)
            )
            row.pk = self._key(cursor, database)
        row._state.adding, row._state.db = False, database.alias
        return row

    def many(self, rows: Sequence[Values]) -> Statement:
        """Return the INSERT of all rows, for `execute_batch` (None without rows); it sets no primary keys.

        A row maps column names (`order_id`) to values; a column that it leaves out gets the field's default.
        """
        database = connections[DEFAULT_DB_ALIAS]
        return (self._sql(rows, database), self._parameters(rows, database)) if rows else None

    def _key(self, cursor: Any, database: Any) -> int:
        if database.features.can_return_columns_from_insert:
            return int(cursor.fetchone()[0])
        key = self._model._meta.pk
        return int(database.ops.last_insert_id(cursor, self._model._meta.db_table, key.column))

    def _parameters(self, rows: Sequence[Values], database: Any) -> list[Any]:
        parameters = []
        for row in rows:
            for field, name, prepare in self._columns:
                parameters.append(prepare(field, row[name] if name in row else field.get_default(), database))
        return parameters

    def _sql(self, rows: Sequence[Values], database: Any, *, asks_for_key: bool = False) -> str:
        form = (database.vendor, len(rows), asks_for_key)
        if form not in self._written:
            query = InsertQuery(self._model)
            columns = [field.attname for field in self._fields]
            models: list[Model] = [
                self._model(**{name: row[name] for name in columns if name in row}) for row in rows
            ]
            query.insert_values(self._fields, models)
            compiler: Any = query.get_compiler(connection=database)
            compiler.returning_fields = [self._model._meta.pk] if asks_for_key else None
            ((sql, _parameters),) = compiler.as_sql()
            self._written[form] = sql
        return self._written[form]


def execute_batch(*statements: Statement) -> list[int]:
    """Execute INSERTs and UPDATEs in their order, in one round trip where the database takes several.

    Return how many rows each wrote; an UPDATE, how many it matched.
    """
    written = [statement for statement in statements if statement]
    if not written:
        return []
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        if database.vendor != "mysql":
            return [_counted(cursor, *statement) for statement in written]
        text = "; ".join(sql for sql, _parameters in written)
        counts = [_counted(cursor, text, [one for _sql, some in written for one in some])]
        while cursor.nextset():  # raises the error of a later statement
            counts.append(int(cursor.rowcount))
        return counts


def _counted(cursor: Any, sql: str, parameters: list[Any]) -> int:
    cursor.execute(sql, parameters)
    return int(cursor.rowcount)


def _way_of(field: "Field[Any, Any]") -> Callable[["Field[Any, Any]", Any, Any], Any]:
    if isinstance(field, PLAIN_FIELDS):
        return _as_it_is
    return _spelled if isinstance(field, FORMATTED_FIELDS) else _prepared_by_field


def _as_it_is(field: "Field[Any, Any]", value: Any, database: Any) -> Any:
    return value if isinstance(value, PLAIN_VALUES) else field.get_db_prep_save(value, database)


def _spelled(field: "Field[Any, Any]", value: Any, database: Any) -> Any:
    return field.get_db_prep_value(value, database, prepared=True)


def _prepared_by_field(field: "Field[Any, Any]", value: Any, database: Any) -> Any:
    return field.get_db_prep_save(value, database)


def _params(name: str, value: Any) -> Any:
    return [Param(name, index) for index in range(len(value))] if isinstance(value, list) else Param(name)
