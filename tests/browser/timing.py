"""How long a figure takes to answer, held against something trivial that is timed beside it in the same page."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import pytest

from tests.browser.driving import IN_LAB, Lab, result_of

MAX_ECHOES = 40
"""How many times longer than a message to the kernel and back a figure's answer may take."""

MAX_REDRAWINGS = 15
"""How many times longer than drawing all dots in the plainest way the map's answer may take."""

ECHO = (
    "__import__('comm').get_comm_manager().register_target('course-echo',"
    " lambda comm, _: comm.on_msg(lambda _: comm.send({})))"
)


def time_echoes(lab: Lab, n: int = 11) -> float:
    """Return the median milliseconds of n messages that the kernel sends back and does nothing else with."""
    return statistics.median(
        result_of(
            lab.page,
            f"async ([code, n]) => {{ {IN_LAB}"
            " if (!window.courseEcho) {"
            "  await kernel.requestExecute({ code, silent: true, store_history: false }).done;"
            "  const comm = window.courseEcho = kernel.createComm('course-echo');"
            # JupyterLab may give each kind of widget a thread of the kernel: a message sent earlier may be lost.
            "  if (kernel.supportsSubshells) await comm.subshellStarted;"
            "  await comm.open().done; }"
            " const times = [];"
            " for (let i = 0; i < n; i++) {"
            "  const start = performance.now();"
            "  await new Promise(done => { window.courseEcho.onMsg = done; window.courseEcho.send({}); });"
            "  times.push(performance.now() - start);"
            "  await new Promise(done => setTimeout(done, 16)); }"
            " return times; }",
            [ECHO, n],
        )
    )


def time_redrawings(lab: Lab, dots: int, n: int = 11) -> float:
    """Return the median milliseconds, to the end of the frame, of n drawings of dots over the figure's first canvas."""
    return statistics.median(
        result_of(
            lab.page,
            "async ([dots, n]) => {"
            " const like = document.querySelector('.cg canvas'), canvas = like.cloneNode(), times = [];"
            " like.after(canvas); const { width, height } = canvas, context = canvas.getContext('2d');"
            " for (let i = 0; i < n; i++) {"
            "  const start = performance.now();"
            "  await new Promise(requestAnimationFrame);"
            "  context.clearRect(0, 0, width, height);"
            "  for (let dot = 0; dot < dots; dot++)"
            "   context.fillRect((7 * dot + i) % width, (dot / dots) * height, 3, 3);"
            "  await new Promise(done => { const channel = new MessageChannel(); channel.port1.onmessage = done;"
            "   channel.port2.postMessage(0); });"
            "  times.push(performance.now() - start); }"
            " canvas.remove();"
            " return times; }",
            [dots, n],
        )
    )


def compare(capsys: pytest.CaptureFixture, what: str, times: Sequence[float], yardstick: float) -> float:
    """Print how long answers took, and return how many times longer their median is than the yardstick."""
    times = sorted(times)
    median, late = statistics.median(times), times[int(0.95 * (len(times) - 1))]
    with capsys.disabled():
        print(
            f"\n  {what}: {len(times)} answers, median {median:.0f} ms, 95 % within {late:.0f} ms;"
            f" {median / yardstick:.1f} times the yardstick of {yardstick:.1f} ms",
            end="",
        )
    return median / yardstick


def report(lab: Lab, what: str, capsys: pytest.CaptureFixture) -> None:
    """Print how long a figure's answers took since the last report, and hold them against echoes of its kernel."""
    times = lab.page.evaluate("() => document.querySelector('.cg').cgLatencies.splice(0)")
    assert compare(capsys, what, times, time_echoes(lab)) < MAX_ECHOES


class Stopwatch:
    """Times answers of a map from an event's time stamp to the end of the first frame that shows the answer.

    Parameters
    ----------
    lab : Lab
        The page, in which the map is the first figure.
    dots : int
        How many dots the map has.
    """

    def __init__(self, lab: Lab, dots: int) -> None:
        self.lab, self.dots = lab, dots
        self._plain = self._time_yardsticks()
        lab.page.evaluate("""() => {
            window.courseTimes = {};
            window.coursePending = 0;
            const root = document.querySelector('.cg');
            const watch = (event) => {
                const [name, kind] = window.courseWhat || [], start = event.timeStamp;
                if (event.type !== kind) return;
                window.coursePending++;
                const frame = () => requestAnimationFrame(() => {
                    if (root.hasAttribute('aria-busy')) { frame(); return; }
                    const channel = new MessageChannel();
                    channel.port1.onmessage = () => {
                        (window.courseTimes[name] ||= []).push(performance.now() - start);
                        window.coursePending--;
                    };
                    channel.port2.postMessage(0);
                });
                setTimeout(frame, 0);
            };
            const kinds = ['pointermove', 'pointerup', 'wheel', 'input', 'keydown'];
            for (const kind of kinds) root.addEventListener(kind, watch, true);
        }""")

    def _time_yardsticks(self) -> tuple[float, float]:
        """Return the milliseconds of drawing all dots, and of a message to the kernel and back."""
        return time_redrawings(self.lab, self.dots), time_echoes(self.lab)

    def take(self, name: str, kind: str) -> None:
        """Time the answers to the events of one kind that follow, under a name."""
        self.lab.page.evaluate("what => { window.courseWhat = what; }", [name, kind])

    def rest(self) -> None:
        """Time nothing that follows."""
        self.lab.page.evaluate("() => { window.courseWhat = null; }")

    def report(self, what: str, capsys: pytest.CaptureFixture, asked: Sequence[str]) -> None:
        """Print how long each kind of answer took, and hold it against the same dots drawn in the plainest way.

        Parameters
        ----------
        what : str
            What was timed.
        capsys : pytest.CaptureFixture
            Pytest's, so that the figures are seen.
        asked : sequence of str
            The kinds that Python answers: they are given the time of a message to the kernel and back, too.
        """
        self.lab.page.wait_for_function("() => window.coursePending === 0")
        drawing, message = map(max, zip(self._plain, self._time_yardsticks(), strict=True))
        slow = {}
        for name, times in self.lab.page.evaluate("() => window.courseTimes").items():
            ratio = compare(capsys, f"{what}, {name}", times, drawing + message * (name in asked))
            if ratio >= MAX_REDRAWINGS:
                slow[name] = times
        assert slow == {}
