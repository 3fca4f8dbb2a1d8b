"""What an exercise is: a reference answer and a table of the ways people get it wrong.

An exercise is defined once, in ``recsys_lib/exercises/<lesson>/<exercise>.py``, and read by the lesson, the learner's
check, the grade, the class report and the tests of the grader::

    @exercise("cosine", points={"values": 2, "zero vector": 1}, instead_of=("cosine_scores",))
    def cosine(q, items):
        '''Reference: the plainest code that is right.'''

    @cosine.inputs("values", fixed=[([3, 4], [[4, 3], [30, 40]]), ...])
    def _(rng):
        return [(rng.normal(size=4), rng.normal(size=(6, 4))), ...]

    @cosine.misconception("You divided by one length for the whole table. ...", layer="values")
    def one_norm_for_all(q, items): ...

    @cosine.alternative
    def with_a_loop(q, items): ...

What several exercises of a lesson use lies in ``_inputs.py`` beside them.

Rules that ``tests/exercises`` hold every definition to:

- a file is named as the exercise that it defines, and defines no other;
- ``fixed`` inputs come smallest first; fixed and fresh inputs are at least four each. Lists in them become float64
  arrays (not in the layer "list input"); write ``np.array([...])`` for whole numbers.
- a layer other than "values" mixes edge inputs with ordinary ones close by, and pays only if all are right;
- the layer "input kept" needs no inputs: it is judged on those of "values", and pays only with it;
- the layer "speed" has inputs of two sizes and a yardstick, a function with the growth that is asked for, and one
  misconception at most. The answer may take 30 times as long as the yardstick beside it, never so many seconds, and its
  processor time may grow 4 times as much from the smaller size to the larger::

    @gravity.speed(lambda rng, n: (rng.normal(size=(n, 30)), rng.normal(size=(n, 30))), sizes=(3000, 24000))
    def _(users, items):
        return np.sum((users.T @ users) * (items.T @ items))

- each misconception is wrong on one fixed input of its layer at least, and is told from each other one of its layer on
  a fixed input, or on those that a check draws from the layer's own generator where two of them fit.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from recsys_lib.checks.comparison import Form, unfit_to_judge
from recsys_lib.checks.layers import Args, Layer, layers_of
from recsys_lib.checks.outcome import Outcome
from recsys_lib.checks.timing import SpeedTest

Kind = Literal["mistake", "misconception", "next step"]
Inputs = list[Args]
Draw = Callable[[np.random.Generator], Inputs]
Judge = Callable[[Args, Any], str | None]
#: Outcomes of known mistakes, by function and place of the input.
DoneByMistakes = dict[Callable[..., Any], dict[int, Outcome]]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people really give, and the sentence that helps.

    Parameters
    ----------
    name : str
        The name of the wrong function.
    hint : str
        The sentence for the learner.
    layer : str
        The layer for which it speaks.
    kind : {"mistake", "misconception", "next step"}
        What the code does, what the learner seems to believe, or what to do next.
    function : callable
        The wrong answer itself.
    choices : dict of str to object, optional
        For the kind "answer": the choices that give it away.
    near : bool
        Whether a judge names it wherever a number is merely near: then the line that makes it exact says more.
    """

    name: str
    hint: str
    layer: str
    kind: Kind
    function: Callable[..., Any]
    choices: Mapping[str, Any] | None = None
    near: bool = False


@dataclass
class Exercise:
    """One exercise: reference, layers with points, inputs, misconceptions, alternatives.

    Parameters
    ----------
    name : str
        The learner's function, unique in the course.
    lesson : str
        The package that defines it, which is the lesson's name without its number.
    reference : callable
        The right answer; for the kind "property" one right answer among many.
    points : dict of str to int
        Points by layer, in the order in which they are shown.
    kind : {"values", "property", "answer"}
        How a result is judged: against the reference, by a judge, or as a dictionary of choices.
    up_to_sign : bool
        Columns may be multiplied by -1, the same columns in every array that is returned.
    uses : tuple of str
        Exercises whose answers this answer calls.
    instead_of : tuple of str
        Library functions that are switched off while the answer runs.
    may_change : tuple of str
        Arguments that the prompt lets the answer change; any other one that is changed costs a point.
    choices : dict of str to sequence
        For the kind "answer": what may be chosen for each key, or for all of them under ``"*"``.
    misconceptions : list of Misconception
        The known wrong answers, in the order in which they are defined.
    alternatives : list of callable
        Other right answers.
    judge_result : callable, optional
        For the kind "property": what `judge` decorates.
    speed_test : SpeedTest, optional
        What `speed` is given.

    Attributes
    ----------
    layers : tuple of Layer
        What `points` names, "values" first.
    right_on_fixed : dict of str to list of Outcome
        What the reference does on a layer's fixed inputs, kept by whoever has found it out.
    wrong_on_fixed : dict of str to dict
        The same of known mistakes, one by one as they are asked for.
    """

    name: str
    lesson: str
    reference: Callable[..., Any]
    points: dict[str, int]
    kind: Literal["values", "property", "answer"] = "values"
    up_to_sign: bool = False
    uses: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    may_change: tuple[str, ...] = ()
    choices: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    misconceptions: list[Misconception] = field(default_factory=list)
    alternatives: list[Callable[..., Any]] = field(default_factory=list)
    judge_result: Judge | None = None
    speed_test: SpeedTest | None = None
    layers: tuple[Layer, ...] = field(init=False)
    _fixed: dict[str, Inputs] = field(default_factory=dict)
    _fresh: dict[str, Draw] = field(default_factory=dict)
    right_on_fixed: dict[str, list[Outcome]] = field(default_factory=dict, init=False, repr=False, compare=False)
    wrong_on_fixed: dict[str, DoneByMistakes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.layers = layers_of(self.points)

    def __call__(self, *args: Any) -> Any:
        """Return the reference's answer."""
        return self.reference(*args)

    @property
    def max_points(self) -> int:
        """Points of all layers together."""
        return sum(self.points.values())

    @property
    def own_layers(self) -> list[str]:
        """Names of the layers that have inputs of their own: all but "input kept" and "speed"."""
        return [layer.name for layer in self.layers if layer.has_inputs]

    @functools.cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments."""
        return tuple(inspect.signature(self.reference).parameters)

    @property
    def signature(self) -> str:
        """The call as the prompt writes it."""
        return f"{self.name}{inspect.signature(self.reference)}"

    def inputs(self, layer: str, fixed: Inputs) -> Callable[[Draw], Draw]:
        """Give a layer its fixed inputs, and decorate the function that draws its fresh ones."""
        if layer not in self.own_layers:
            raise ValueError(f"layer is {layer!r}; {self.name} takes inputs for {self.own_layers}")

        def add(draw: Draw) -> Draw:
            self._fixed[layer], self._fresh[layer] = fixed, draw
            return draw

        return add

    def layer_inputs(self, layer: str, seed: int | None = None) -> Inputs:
        """Return the argument tuples of a layer: the fixed ones, and fresh ones behind them where a seed is given."""
        spec = self._layer(layer)
        found = self._as_called(spec, self._fixed.get(spec.inputs_of, [()]))
        return found if seed is None else found + self.fresh_inputs(layer, seed)

    def fresh_inputs(self, layer: str, seed: int) -> Inputs:
        """Return the argument tuples that a layer draws from a seed, in an order drawn as well.

        So whoever counts the calls does not know which of them is asked about a vector of zeros.
        """
        spec = self._layer(layer)
        draw = self._fresh.get(spec.inputs_of)
        if draw is None:
            return []
        rng = np.random.default_rng([seed, zlib.crc32(f"{self.name}/{spec.inputs_of}".encode())])
        inputs = draw(rng)
        return self._as_called(spec, [inputs[place] for place in rng.permutation(len(inputs))])

    def _layer(self, name: str) -> Layer:
        return {layer.name: layer for layer in self.layers}[name]

    def _as_called(self, layer: Layer, inputs: Inputs) -> Inputs:
        """Turn lists among the arguments into arrays, unless the layer is about lists."""
        return list(inputs) if layer.takes_lists else [tuple(map(_as_float_array, args)) for args in inputs]

    def speed(self, draw: Callable[[np.random.Generator, int], Args], *, sizes: tuple[int, int]) -> Callable[[F], F]:
        """Decorate the yardstick of the layer "speed"; ``draw(rng, size)`` draws an input on which both are timed."""
        if not any(layer.timed for layer in self.layers):
            raise ValueError(f"{self.name} has no layer 'speed', only {list(self.points)}")

        def add(function: F) -> F:
            self.speed_test = SpeedTest(function, draw, sizes)
            return function

        return add

    def misconception(
        self,
        hint: str,
        *,
        layer: str = "values",
        kind: Kind = "mistake",
        choices: Mapping[str, Any] | None = None,
        near: bool = False,
    ) -> Callable[[F], F]:
        """Decorate a wrong answer that speaks for one layer; ``hint`` is one sentence and holds no code."""
        if layer not in self.points:
            raise ValueError(f"layer is {layer!r}; {self.name} has {list(self.points)}")

        def add(function: F) -> F:
            self.misconceptions.append(Misconception(function.__name__, hint, layer, kind, function, choices, near))
            return function

        return add

    def wrong_choice(self, hint: str, choices: Mapping[str, Any], *, kind: Kind = "misconception") -> None:
        """Add a misconception to an exercise of kind "answer": it fits where all of ``choices`` were made."""
        full = {**self.reference(), **choices}

        def answer() -> dict[str, Any]:
            return full

        answer.__name__ = "_".join(f"{key}_{value}" for key, value in choices.items()).replace(" ", "_")
        self.misconception(hint, layer=self.layers[0].name, kind=kind, choices=choices)(answer)

    def alternative(self, function: F) -> F:
        """Decorate another right answer, written differently; tests hold that it is accepted."""
        self.alternatives.append(function)
        return function

    def judge(self, returns: Callable[..., Form]) -> Callable[[Judge], Judge]:
        """Decorate the judge of a property: ``judge(args, result)`` is None where right.

        Otherwise it returns the name of the misconception that the result shows, or a sentence. ``returns(*args)`` is
        the form that a result must have, see `unfit_to_judge`: of any other one the judge may say what is wrong with
        it, but not that it is right.
        """

        def add(function: Judge) -> Judge:
            def judge_what_is_fit(args: Args, result: Any) -> str | None:
                unfit = unfit_to_judge(returns(*args), result, args)
                if unfit is None:
                    return function(args, result)
                try:
                    return function(args, result) or unfit
                except Exception:  # it was not made for that
                    return unfit

            self.judge_result = judge_what_is_fit
            return function

        return add


_EXERCISES: dict[str, Exercise] = {}


def exercise(
    name: str,
    *,
    points: dict[str, int],
    kind: Literal["values", "property", "answer"] = "values",
    up_to_sign: bool = False,
    uses: tuple[str, ...] = (),
    instead_of: tuple[str, ...] = (),
    may_change: tuple[str, ...] = (),
    choices: Mapping[str, Sequence[Any]] | None = None,
) -> Callable[[Callable[..., Any]], Exercise]:
    """Decorate the reference answer of an exercise; the arguments are those of `Exercise`."""

    def define(reference: Callable[..., Any]) -> Exercise:
        module = reference.__module__
        lesson = module.split(".")[-2:][0]
        made = Exercise(name, lesson, reference, points, kind, up_to_sign, uses, instead_of, may_change, choices or {})
        known = _EXERCISES.get(name)
        if known is not None and known.reference.__module__ != module:
            where = known.reference.__module__
            raise ValueError(f"name is {name!r}, which {where} has already; names are unique in the course")
        _EXERCISES[name] = made
        return made

    return define


def all_exercises() -> dict[str, Exercise]:
    """Return every exercise by name, importing the lessons' definitions on first use; by lesson, then by name."""
    _import_definitions()
    return _EXERCISES


@functools.cache
def _import_definitions() -> None:
    from recsys_lib import exercises

    for module in pkgutil.walk_packages(exercises.__path__, f"{exercises.__name__}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            importlib.import_module(module.name)
    # an exercise that imports another's function brings that one in first
    for made in sorted(_EXERCISES.values(), key=lambda made: (made.lesson, made.name)):
        _EXERCISES[made.name] = _EXERCISES.pop(made.name)


def _as_float_array(value: Any) -> Any:
    return np.array(value, dtype=float) if isinstance(value, list) else value
