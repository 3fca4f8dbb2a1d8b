"""The models, one a file: those that place users and items in one space, and those that score without one."""

from recsys_lib.factorization.als import RatingModel, fit_als, fit_baseline
from recsys_lib.factorization.bpr import fit_bpr
from recsys_lib.factorization.ease import ease_scores, fit_ease
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.factorization.gradient import fit_gradient
from recsys_lib.factorization.ials import fit_ials, ials_loss, ials_users
from recsys_lib.factorization.popularity import popularity_scores
from recsys_lib.factorization.sar import faded, fit_sar
from recsys_lib.factorization.softmax import fit_softmax
from recsys_lib.factorization.svd import fold_in, pca_2d, singular_values, truncated_svd
from recsys_lib.factorization.two_tower import fit_two_tower, log_q

__all__ = [
    "Embeddings",
    "RatingModel",
    "ease_scores",
    "faded",
    "fit_als",
    "fit_baseline",
    "fit_bpr",
    "fit_ease",
    "fit_gradient",
    "fit_ials",
    "fit_sar",
    "fit_softmax",
    "fit_two_tower",
    "fold_in",
    "ials_loss",
    "log_q",
    "ials_users",
    "pca_2d",
    "popularity_scores",
    "singular_values",
    "truncated_svd",
]
