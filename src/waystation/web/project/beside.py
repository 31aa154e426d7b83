"""One worker beside the server: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from types import TracebackType

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_LIVED_WELL = 10.0
_TIME_TO_END = 10.0


class WorkerBeside:
    """Keeps ``waystation worker`` running until told to end.

    It has a process group of its own, so that Ctrl+C in a terminal reaches it once, through
    us. Should we be killed, it sees that its parent is gone and ends.
    """

    def __init__(self) -> None:
        self._is_ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    def __enter__(self) -> WorkerBeside:
        """Start it."""
        # Here and not in the thread: the server forks next, which must not meet a start.
        self._process = self._start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it: it may finish its task for ten seconds; what it leaves is taken up again."""
        self._is_ending.set()
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_TIME_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_TIME_TO_END)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "waystation", "worker", "--parent", str(os.getpid())]
        self._started = time.monotonic()
        return subprocess.Popen(  # noqa: S603  # our own command, no input in it
            command, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while self._process is not None:
            self._process.wait()
            lived = time.monotonic() - self._started
            pause = _FIRST_PAUSE if lived > _LIVED_WELL else min(pause * 2, _LONGEST_PAUSE)
            if self._is_ending.wait(pause):
                return
            self._process = self._start()
            if self._is_ending.is_set():  # told so while we started
                self._process.terminate()
