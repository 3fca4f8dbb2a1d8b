"""What is known about an answer once it has been judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from recsys_lib.checks.definition import Exercise, Misconception
from recsys_lib.checks.facts import Fact
from recsys_lib.checks.layers import Failure, Layer

MAX_HINTS = 2  # sentences that one check says


@dataclass(frozen=True)
class Line:
    """Where to look.

    Attributes
    ----------
    number : int
        The line in the learner's cell, from 1.
    text : str
        The whole line, without the spaces around it.
    piece : str
        The part of it that matters.
    question : str
        What to ask of it.
    """

    number: int
    text: str
    piece: str
    question: str

    @property
    def sentence(self) -> str:
        """The one sentence for the learner.

        Examples
        --------
        >>> Line(2, "return x * 2", "x * 2", "is that the operation that is asked for?").sentence
        'Look at line 2, at `x * 2`: is that the operation that is asked for?'
        """
        return f"Look at line {self.number}, at `{self.piece}`: {self.question}"

    @property
    def without_piece(self) -> str:
        """The sentence for a report that is published: it repeats nothing that an answer might have chosen to tell."""
        return f"Look at line {self.number}: {self.question}"


@dataclass
class LayerResult:
    """What one layer found.

    Parameters
    ----------
    spec : Layer
        The layer as the exercise defines it.
    points : int
        The points earned.
    failure : Failure, optional
        The smallest input on which the answer is wrong, where there is one.
    fact : Fact, optional
        What is certain about the answer's text.
    misconception : Misconception, optional
        The known mistake that behaves as the answer does.
    line : Line, optional
        The line of the answer at which to look.
    observation : str, optional
        What is said where no known mistake fits.
    edge_right : bool
        Whether the special inputs were right, and only ordinary ones beside them were wrong.
    """

    spec: Layer
    points: int
    failure: Failure | None = None
    fact: Fact | None = None
    misconception: Misconception | None = None
    line: Line | None = None
    observation: str | None = None
    edge_right: bool = False

    @property
    def layer(self) -> str:
        """The layer's name."""
        return self.spec.name

    @property
    def max_points(self) -> int:
        """The points that the layer pays."""
        return self.spec.points

    @property
    def passed(self) -> bool:
        """Whether the layer found nothing wrong."""
        return self.failure is None

    @property
    def waits(self) -> bool:
        """Whether the layer has not been judged yet: it is timed, and only once the values are right."""
        return self.spec.timed and self.passed and not self.points

    @property
    def hints(self) -> list[str]:
        """The sentences for the learner: the surest first."""
        told = [
            self.fact.text if self.fact else None,
            self.line.sentence if self.line else None,
            self.misconception.hint if self.misconception else None,
        ]
        said = [text for text in told if text]
        return said if said or not self.observation else [self.observation]

    @property
    def hint(self) -> str | None:
        """The first of the sentences."""
        return self.hints[0] if self.hints else None

    def forget(self) -> None:
        """Say nothing: what is found here comes from somewhere else."""
        self.fact = self.misconception = self.line = self.observation = None


@dataclass
class Judgement:
    """All that is known about one answer.

    Parameters
    ----------
    exercise : Exercise
        The exercise that was answered.
    layers : list of LayerResult
        What each layer found, "values" first.
    unsolved : bool
        Whether the answer is still the stub of the release.
    printed : str
        What the answer printed, in the first call that printed at all.
    warned : tuple of str
        The warnings of the first call that warned at all.
    mend_first : tuple of str
        Earlier exercises whose wrong answers this one calls.
    seed : int, optional
        The seed of the fresh inputs, where there were any.
    notes : list of str
        Sentences that belong to no layer.
    spoilt : tuple of str
        The arguments that the answer changed.
    """

    exercise: Exercise
    layers: list[LayerResult]
    unsolved: bool = False
    printed: str = ""
    warned: tuple[str, ...] = ()
    mend_first: tuple[str, ...] = ()
    seed: int | None = None
    notes: list[str] = field(default_factory=list)
    spoilt: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(layer.points for layer in self.layers)

    @property
    def values(self) -> LayerResult:
        """What the first layer found, without which the others prove little."""
        return self.layers[0]
