"""How a command starts and ends: errors as one sentence, exit code 1, no orphans."""

import codecs
import errno
import io
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from stages.command.arguments import command_parser
from stages.command.dvc_lock import is_orphan
from stages.command.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""No space left on the device, or none of the user's share of it."""


def run(main: Callable[[], None]) -> None:
    """Run `main`; a `UserError` or a full disk ends in one sentence and exit code 1."""
    die_with_dvc()
    write_utf8()
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if is_disk_full(error):
            sys.exit(f"error: the disk is full ({error}); make room, then run this again")
        from stages.command.outputs import what_is_damaged

        # Before DVC runs a stage it has looked at what that reads, and removed what it writes.
        damage = None if "DVC_STAGE" in os.environ else what_is_damaged()
        if damage is None:
            raise
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        sys.exit(f"error: this ended in {said}, and {damage}")


def run_stage(main: Callable[[], None], description: str | None) -> None:
    """Run a stage of dvc.yaml, which takes no arguments but `--help`: params.yaml says it all."""
    write_utf8()
    command_parser(
        Path(sys.argv[0]).stem,
        description,
        epilog="Values are read from params.yaml; `dvc repro` runs it with what it needs.",
    ).parse_args()
    run(main)


def write_utf8() -> None:
    """Write UTF-8 where the locale has no letters but ASCII, and escapes where it lacks one.

    Summaries are Korean; `LANG=C` would make a traceback of each. Whoever reads a file of ours
    reads UTF-8.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            encoding = "utf-8" if is_ascii else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def is_disk_full(error: Exception) -> bool:
    """Tell by the number, or by the words of safetensors, tokenizers, DVC and `torch.save`."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return any(words in str(error) for words in (*map(os.strerror, FULL), "unexpected pos"))


def die_with_dvc() -> None:
    """End this process when the `dvc` that started it is gone.

    A killed `dvc` leaves its stage running; the next `dvc repro` starts a second copy beside it.
    It may have been killed before this is called: importing takes seconds.
    """
    if "DVC_STAGE" in os.environ:
        if is_orphan():
            os._exit(1)
        die_with_parent()


def die_with_parent() -> None:
    """End this process when the one that started it is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="die-with-parent").start()
