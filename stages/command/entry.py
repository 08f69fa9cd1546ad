"""How a command starts and ends: errors as one sentence, exit code 1, no orphans."""

import errno
import os
import sys
import threading
import time
from collections.abc import Callable

from stages.command.errors import UserError


def run(main: Callable[[], None]) -> None:
    """Run `main`; a `UserError` or a full disk ends in one sentence and exit code 1."""
    _die_with_dvc()
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(f"error: the disk is full ({error.filename}); make room, then run this again")


def _die_with_dvc() -> None:
    """End this process when the `dvc` that started it is gone.

    A killed `dvc` leaves its stage running; the next `dvc repro` starts a second copy beside it.
    """
    if "DVC_STAGE" not in os.environ:
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="die-with-dvc").start()
