"""What the tests of grading share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from classroom.sandbox.learner import Learner
from classroom.sandbox.namespaces import Limits
from classroom.sandbox.steps import Step
from classroom.submission import grade
from classroom.submission.grade import warm_template


@pytest.fixture(scope="session", autouse=True)
def version_asked_once() -> Iterator[None]:
    """Ask alembic once which version nbgrader writes into a new gradebook: it starts a process each time."""
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


@pytest.fixture
def same_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the warm template where every sandbox is refused: a new one takes a second, and changes nothing."""
    monkeypatch.setattr(grade, "close_template", lambda: None)


@pytest.fixture
def inside(bubblewrap: None) -> Callable[..., str]:
    """How to run code in a fresh sandbox: what it printed, or its error."""

    def run(source: str, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
        with Learner(warm_template(), [Step("cell", "here", source)], limits) as learner:
            learner.run()
            outputs = learner.outputs["here"]
        return "\n".join(o.get("text") or f"{o.get('ename')}: {o.get('evalue')}" for o in outputs).strip()

    return run
