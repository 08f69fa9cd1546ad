"""Where a study lies: in a SQLite file of one process, or in PostgreSQL, which several share.

`TUNE_STORAGE` names another place than data/studies. Processes that share a study take turns: each
asks for its next trial, and opens the study, while the others wait.
"""

import os
import socket
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import optuna
import sqlalchemy
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.pruners import BasePruner
from optuna.storages import RDBStorage
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from stages.command.errors import UserError
from stages.command.files import whole_file
from stages.paths import STUDIES

DATABASES = {"postgresql", "sqlite"}
POOL = {"poolclass": NullPool}
"""A connection is opened for each use and closed after it: networks drop one that idles for as long
as a training, and Python 3.13 and newer warn of a SQLite file that nobody closes."""
EXPECTED = "expected postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or sqlite:///FILE"
LOCK = sqlalchemy.text("select pg_advisory_xact_lock(hashtext(:name))")


class Storage:
    """The place of a study, and turns at it."""

    def __init__(self, name: str) -> None:
        """Take the place that `TUNE_STORAGE` names; raises `UserError` where that is none."""
        self.name = name
        given = os.environ.get("TUNE_STORAGE", "")
        self.is_shared = bool(given)
        self.file = STUDIES / f"{name}.db"
        self.url = _parsed(given or f"sqlite:///{self.file}")
        self.takes_turns = self.url.get_backend_name() == "postgresql"
        self.engine: sqlalchemy.Engine | None = None
        self.owner = f"{socket.gethostname()}:{Path.cwd()}"
        """This process, in this life and the next: a clone has one search at a time."""

    def open(self, pruner: BasePruner) -> optuna.Study:
        """Open the study, or begin it; raises `UserError` where the place cannot be reached."""
        if not self.is_shared:
            self._begin_file()
        try:
            with self.turn("optuna"):  # two that make the tables at once fail
                study = optuna.create_study(
                    storage=self._optuna(),
                    study_name=self.name,
                    direction="maximize",
                    load_if_exists=True,
                    pruner=pruner,
                )
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ExperimentalWarning)
                    study.set_metric_names(["rouge_mean"])  # what optuna-dashboard shows
                return study
        except ImportError as error:
            raise UserError(
                f"TUNE_STORAGE needs a driver that cannot be had ({reason(error)}); "
                "run: pip install 'psycopg[binary]', and write postgresql+psycopg://…"
            ) from None
        except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
            if not self.is_shared:
                raise self._damaged(reason(error)) from None
            raise UserError(
                f"the study cannot be opened: {reason(error)}; "
                "see that TUNE_STORAGE is right and that its database runs, then run this again"
            ) from None

    @contextmanager
    def turn(self, what: str = "") -> Iterator[None]:
        """Wait until no other process has its turn; a killed one's turn ends with it."""
        if not self.takes_turns:
            yield
            return
        if self.engine is None:
            self.engine = sqlalchemy.create_engine(self.url, **POOL)
        with self.engine.begin() as connection:
            connection.execute(LOCK, {"name": what or self.name})
            yield

    def is_orphan(self, owner: str | None) -> bool:
        """Tell whether a running trial that this owner began has nobody who goes on with it.

        Only this process writes a file of its own, whatever the host was called before. A trial
        gets its owner in the turn in which it is begun, so one without was begun by a killed one.
        """
        return not self.is_shared or owner in (self.owner, None)

    def _begin_file(self) -> None:
        """Make the file of a study that begins, and look whether one that is there is whole.

        It is never empty, however the process ends: an empty one has lost what was in it.
        """
        if not self.file.exists():
            with whole_file(self.file) as draft, closing(sqlite3.connect(draft)) as connection:
                connection.execute("pragma user_version = 1")
        if not self.file.stat().st_size:
            raise self._damaged("it is empty")
        try:
            with closing(sqlite3.connect(self.file)) as connection:
                found = connection.execute("pragma quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from None
        if found != "ok":
            raise self._damaged(found.splitlines()[0])

    def _damaged(self, why: str) -> UserError:
        return UserError(
            f"the study {self.file} cannot be opened: {why}; put it back from a copy, or begin it "
            f"anew, which asks for no training that an experiment has: rm {self.file}"
        )

    def _optuna(self) -> RDBStorage:
        # Optuna puts its own values into braces, of which an encoded password has none.
        address = self.url.render_as_string(hide_password=False)
        return RDBStorage(address, engine_kwargs=dict(POOL))


def reason(error: Exception) -> str:
    """Return the first line of what a database or its driver said."""
    cause = getattr(error, "orig", None) or error.__cause__ or error
    return str(cause).splitlines()[0].strip()


def _parsed(given: str) -> sqlalchemy.URL:
    """Return the URL; of a wrong one nothing is shown, for who knows where its password ends."""
    try:
        url = sqlalchemy.make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):
        raise UserError(
            f"TUNE_STORAGE is not the URL of a database; {EXPECTED}; "
            "in a password write @ as %40, : as %3A and / as %2F"
        )
    if url.get_backend_name() not in DATABASES:
        raise UserError(f"TUNE_STORAGE: {url.drivername} cannot hold a study; {EXPECTED}")
    return url
