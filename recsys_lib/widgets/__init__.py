"""Figures that move: each is driven by the learner's own functions, and says when it uses the course's instead.

Python computes everything, the JavaScript beside this file only draws and sends moves. So there is no second
implementation to keep true, and what a learner sees is what their function returned. (One exception: which dot is under
the pointer cannot wait for the kernel; `film_explorer.nearest_point` is its twin, and a test compares the two.)

Every figure takes the learner's functions through `recsys_lib.checks.yours_or_ours`. A function that raises, returns
nonsense or runs too long is reported under the figure, which keeps its last good state.

Each has a static twin in `recsys_lib.plots`, for readers without a kernel; `recsys_lib.drawing` holds what both need.
"""

from recsys_lib.widgets.budget_dial import BudgetDial
from recsys_lib.widgets.candidate_lists import CandidateLists
from recsys_lib.widgets.fake_profiles import FakeProfiles
from recsys_lib.widgets.film_explorer import FilmExplorer
from recsys_lib.widgets.gauge_slider import GaugeSlider
from recsys_lib.widgets.key_slider import KeySlider
from recsys_lib.widgets.measure_board import MeasureBoard
from recsys_lib.widgets.norm_dial import NormDial
from recsys_lib.widgets.norm_dial_films import NormDialFilms
from recsys_lib.widgets.norm_popularity import NormPopularity
from recsys_lib.widgets.search_dial import SearchDial
from recsys_lib.widgets.start_grid import StartGrid
from recsys_lib.widgets.tower_runs import TowerRuns
from recsys_lib.widgets.training_run import TrainingRun
from recsys_lib.widgets.vector_plane import VectorPlane

__all__ = [
    "BudgetDial",
    "CandidateLists",
    "FakeProfiles",
    "FilmExplorer",
    "GaugeSlider",
    "KeySlider",
    "MeasureBoard",
    "NormDial",
    "NormDialFilms",
    "NormPopularity",
    "SearchDial",
    "StartGrid",
    "TowerRuns",
    "TrainingRun",
    "VectorPlane",
]
