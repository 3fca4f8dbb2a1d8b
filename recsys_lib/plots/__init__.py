"""Static figures: data in, Matplotlib Axes out, with one sentence of alternative text on ``ax.alt_text``.

Each figure that moves (`recsys_lib.widgets`) has a twin here with the same message, for readers without a kernel.
Matplotlib is imported when the first figure is drawn, and its global settings are left alone.
"""

from recsys_lib.plots.base import STYLE, show, style
from recsys_lib.plots.clouds import norm_by_count, norm_clouds, norm_popularity
from recsys_lib.plots.dials import norm_dial, norm_dial_films, trade_off
from recsys_lib.plots.gauges import gauge_places
from recsys_lib.plots.keys import bit_errors, picture_blocks
from recsys_lib.plots.leaks import leak_and_quality, lifted_ranks
from recsys_lib.plots.lists import candidate_lists
from recsys_lib.plots.maps import film_map
from recsys_lib.plots.measures import Board, board_of, measure_board
from recsys_lib.plots.planes import nearest_lengths, vector_plane
from recsys_lib.plots.quality import quality_curves
from recsys_lib.plots.serving import recall_curves
from recsys_lib.plots.spectra import explained_curve
from recsys_lib.plots.starts import rare_over_steps, start_grid
from recsys_lib.plots.towers import loop_curves, tower_norms
from recsys_lib.plots.training import error_and_quality, loss_curve, norm_histogram, training_run

__all__ = [
    "STYLE",
    "bit_errors",
    "Board",
    "board_of",
    "candidate_lists",
    "error_and_quality",
    "explained_curve",
    "film_map",
    "gauge_places",
    "loop_curves",
    "leak_and_quality",
    "lifted_ranks",
    "loss_curve",
    "measure_board",
    "nearest_lengths",
    "norm_by_count",
    "norm_clouds",
    "norm_dial",
    "norm_dial_films",
    "norm_histogram",
    "norm_popularity",
    "picture_blocks",
    "quality_curves",
    "rare_over_steps",
    "recall_curves",
    "show",
    "start_grid",
    "style",
    "tower_norms",
    "trade_off",
    "training_run",
    "vector_plane",
]
