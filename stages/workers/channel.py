"""The worker's end of the pipe to the owner of the search."""

import json
import os
import queue
import signal
import threading
from typing import Any, TextIO

from stages.workers.messages import Message


class Channel:
    """Lines to and from the owner. When the owner is gone, so is the worker, and all it started."""

    def __init__(self, incoming: TextIO, outgoing: TextIO) -> None:
        """Read in a thread of its own, for training keeps the main one busy."""
        self.incoming, self.outgoing = incoming, outgoing
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="owner").start()

    def receive(self) -> Any:
        """Wait for the next line and return what it holds."""
        return json.loads(self.lines.get())

    def send(self, message: Message) -> None:
        """Send one message."""
        self.outgoing.write(message.line())
        self.outgoing.flush()

    def _listen(self) -> None:
        for line in self.incoming:
            self.lines.put(line)
        os.killpg(os.getpgrp(), signal.SIGKILL)
