"""The messages between the grader and a learner's process: orders one way, answers the other, as each side writes them.

A message is sent by `classroom.sandbox.wire` with a number beside it, "seq", by which an answer is matched to its
order. The types say what an honest process sends. The grader does not rely on them: an answer may come from code that a
stranger wrote, so `classroom.sandbox.learner` and `classroom.sandbox.outputs` check each part of it.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

SHARED_BYTES = 64 * 2**20  # size of the memory that both sides see, in which arrays among the arguments lie
MAX_CELL_TEXT = 10_000  # characters of each stream of a cell, and of the text of each thing that it displays
MAX_TRACEBACK_LINES = 40
MAX_TRACEBACK_LINE = 2_000  # characters
MAX_ERROR_NAME = 100  # characters
MAX_ERROR_TEXT = 1_000  # characters

#: An output of a code cell, as the notebook format has it.
Output = dict[str, Any]
#: An argument of a call: a value as `wire.encode` writes it; ["m", dtype, shape, offset] for an array in the shared
#: memory; ["f", name] for a function of `recsys_lib.checks.callables`.
Argument = Any


class ProcessLimits(TypedDict):
    """What the system holds a learner's process to; see `classroom.sandbox.namespaces.Limits`."""

    memory_mb: int
    cpu_seconds: int
    processes: int
    file_mb: int
    open_files: int
    temp_files: int


class ForkOrder(TypedDict):
    """Asks the template for a child, and says what the child does before any learner's code runs.

    Attributes
    ----------
    uid : int or None
        The user id to change to; None keeps the grader's own.
    limits : ProcessLimits
        The resource limits to set.
    namespaces : list of str
        The kinds of the namespaces, in the order in which they are entered, as /proc/PID/ns calls them; none where
        there is no sandbox.
    has_user_counts : bool
        Whether one more file descriptor is the directory /proc/sys/user, as seen outside of the sandbox.
    has_cgroup : bool
        Whether the last file descriptor is the entrance of a control group, see `classroom.sandbox.cgroups`.
    folder : str or None
        The working directory where there is no sandbox.
    """

    uid: int | None
    limits: ProcessLimits
    namespaces: list[str]
    has_user_counts: bool
    has_cgroup: bool
    folder: str | None


class CellOrder(TypedDict):
    """Asks to run a cell within a number of seconds."""

    op: Literal["cell"]
    source: str
    seconds: float


class BindOrder(TypedDict):
    """Asks to keep, under a key, what a name means now."""

    op: Literal["bind"]
    key: str
    name: str


class CallOrder(TypedDict):
    """Asks to call what was kept under a key, with the functions of ``forbid`` switched off.

    Attributes
    ----------
    source : str
        A changed text of the cell: what is called is the function as this text makes it.
    """

    op: Literal["call"]
    key: str
    args: list[Argument]
    seconds: float
    forbid: list[str]
    source: NotRequired[str]


Order = CellOrder | BindOrder | CallOrder


class CellAnswer(TypedDict):
    """What a cell showed."""

    outputs: list[Output]


class BindAnswer(TypedDict):
    """What a name means.

    Attributes
    ----------
    kind : str
        "callable", "missing", or the name of a type.
    reads : dict of str to str
        What a function reads of the notebook, and what kind each is; see `recsys_lib.checks.callee.NameKind`.
    """

    kind: str
    reads: dict[str, str]


class CallAnswer(TypedDict):
    """What a call did.

    Attributes
    ----------
    how : str
        As in `recsys_lib.checks.calling.Outcome`.
    value : Any
        What it returned, encoded.
    error : str
        The name of the error that it raised, one of `wire.ERRORS`.
    line : int
        The line of the learner's code that raised, or 0.
    reached : bool
        Whether the function was entered at all.
    forbidden : str
        The switched-off function that it called.
    """

    how: Literal["returned", "raised", "too long", "unsolved", "not run"]
    value: NotRequired[Any]
    error: NotRequired[str]
    line: NotRequired[int]
    reached: NotRequired[bool]
    forbidden: NotRequired[str]


class FailedAnswer(TypedDict):
    """The name of the error that kept the process from carrying out an order, or from sending what came of it."""

    failed: str


Answer = CellAnswer | BindAnswer | CallAnswer | FailedAnswer
