"""A condition over any number of ids in one statement."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam


def among(column: SQLColumnExpression[Any], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column holds one of these. The numbers stand in the statement itself: bound ones are limited."""
    return column.in_(bindparam(None, sorted(set(ids)), expanding=True, literal_execute=True))
