"""One installation: its settings, database, blobs and the runner over the pipeline, put together once."""

import logging
import sys
from dataclasses import dataclass

import structlog

from buydesk.settings import Settings
from records.blobs import Blobs
from records.database import Database
from records.migrate import revision, upgrade
from scheduler.runner import Runner


class NotReadyError(RuntimeError):
    """Raised where the database has no schema yet; the message says what to run."""


@dataclass(frozen=True)
class Installation:
    """What commands work with."""

    settings: Settings
    database: Database
    blobs: Blobs

    def runner(self) -> Runner:
        """Return the runner over the whole pipeline, reading documents in a child process."""
        from parsers.child import read_in_child
        from scheduler.pipeline import MOVES, World, pipeline

        world = World(
            self.blobs,
            read_in_child,
            web_url=self.settings.web_url.rstrip("/"),
            accounts_payable=self.settings.accounts_payable_folder,
        )
        steps = pipeline(world)
        return Runner(self.database, steps, MOVES, lease_scale=self.settings.lease_scale)


def open_installation(settings: Settings, *, migrate: bool = False) -> Installation:
    """Return the installation of ``settings``; with ``migrate`` its schema is brought up to date first."""
    _configure_logs(settings)
    database = Database(settings.url, settings.encryption_key)
    if migrate:
        _migrate(database)
    else:
        _require_schema(database, settings)
    return Installation(settings, database, Blobs(settings.blob_root))


def _migrate(database: Database) -> None:
    upgrade(database)
    if not database.is_sqlite:
        from scheduler.jobs import apply_schema

        apply_schema(database)


def _require_schema(database: Database, settings: Settings) -> None:
    if database.file and not database.file.exists():
        raise NotReadyError(
            f"There is no database at {database.file} yet. Load an organisation first: buydesk org load DIR"
        )
    present, newest = revision(database)
    if present != newest:
        raise NotReadyError("The database is of another version. Run `buydesk upgrade` with this version first.")


def _configure_logs(settings: Settings) -> None:
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    as_json = settings.log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when a line is written
    )
