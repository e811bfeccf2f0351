"""Engines that share their compiled SQL, since each test has a database of its own and none that would warm up.

What is compiled belongs to a dialect object and to a cache. Both hang on the engine, so that by itself every
test compiles each statement anew, which was the larger part of what most tests cost.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import Engine

import records.database

STATEMENTS = 5000  # more than the product has, so that none is dropped
_first: dict[str, Engine] = {}


def create_engine(url: str, **options: Any) -> Engine:
    """Return a new engine that compiles with the first one of its driver, as soon as that has met its server."""
    engine = sqlalchemy.create_engine(url, query_cache_size=STATEMENTS, **options)
    first = _first.setdefault(engine.url.drivername, engine)
    if first.dialect.server_version_info:
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    return engine


def share_sql() -> None:
    """Let every ``Database`` of this process have such an engine."""
    records.database.create_engine = create_engine  # type: ignore[assignment,attr-defined]
