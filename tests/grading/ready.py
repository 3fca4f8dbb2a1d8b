"""A Python that has imported what a teacher's commands begin with, and forks for each of them.

nbgrader and Dask take three seconds to import, by every command anew. Nothing of the course is imported beforehand: a
command finds it where it finds it by itself, in the folder that it is started in.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

PRELOAD = ("nbgrader.apps", "nbgrader.api", "nbgrader.converters", "nbgrader.preprocessors", "distributed")


class Ready:
    """Such a Python: it starts when it is asked first, and ends with `close`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, arguments: list[str], folder: Path, said: IO[bytes], seconds: float) -> int:
        """Run `python -m module` with these arguments in this folder; return its exit code. What it says is written."""
        if self._process is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                command = [sys.executable, "-m", __name__, str(theirs.fileno())]
                self._process = subprocess.Popen(
                    command,
                    cwd=Path(__file__).parents[2],
                    env=self.env,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        self._control.settimeout(seconds)
        order = json.dumps([module, arguments, str(folder)]).encode()
        socket.send_fds(self._control, [order], [said.fileno()])
        return struct.unpack("<i", self._control.recv(4))[0]

    def close(self) -> None:
        """End it, with a command that it may be at."""
        if self._process is not None:
            self._control.close()
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)  # started above, in a session of its own
            self._process.wait()


def main(control_fd: int) -> None:
    """Import, and fork whenever asked."""
    control = socket.socket(fileno=control_fd)
    for name in PRELOAD:
        importlib.import_module(name)
    ours = [name for name in sys.modules if name.partition(".")[0] in ("classroom", "recsys_lib")]
    assert not ours and threading.active_count() == 1, (ours, threading.enumerate())
    gc.freeze()
    while True:
        order, fds, _, _ = socket.recv_fds(control, 65536, 1)
        if not order:
            return
        if (child := os.fork()) == 0:
            control.close()
            become(*json.loads(order), fds[0])
        os.close(fds[0])
        control.sendall(struct.pack("<i", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))


def become(module: str, arguments: list[str], folder: str, said: int) -> NoReturn:
    """Be what `python -m module` is in this folder; end as it does."""
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, place in ((null, 0), (said, 1), (said, 2)):
            os.dup2(fd, place)
        os.chdir(folder)
        sys.path[0] = folder
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: B036 - as Python does with what nobody has caught
        traceback.print_exc()
    finally:
        threading._shutdown()  # waits for threads, as the end of a Python does
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
