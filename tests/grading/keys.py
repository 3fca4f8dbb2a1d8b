"""A key in the kernel, as a login or a mounted folder leaves it to whoever grades."""

from __future__ import annotations

import ctypes
import errno
import platform

_SESSION, _JOIN = -3, 1  # the ring of a process's session, and the operation that begins a new one, of keyctl(2)
_NUMBERS = {"x86_64": (248, 250), "aarch64": (217, 219)}  # of add_key and of keyctl


def into_new_session_ring(name: str, payload: bytes) -> None:
    """Give this process, and those that it starts from now on, a ring of keys that holds one; as PAM does at a login.

    Nothing is left behind: the ring goes with the last process that has it. Where the machine lets nobody have keys,
    as some containers do, there is none to be found either.
    """
    add_key, keyctl = _NUMBERS[platform.machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    joined = libc.syscall(ctypes.c_long(keyctl), ctypes.c_long(_JOIN), None)
    added = libc.syscall(
        ctypes.c_long(add_key),
        b"user",
        name.encode(),
        payload,
        ctypes.c_size_t(len(payload)),
        ctypes.c_long(_SESSION),
    )
    if (joined < 0 or added < 0) and ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), "no key could be added")
