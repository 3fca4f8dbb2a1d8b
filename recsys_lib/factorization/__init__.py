"""Models that place users and items in one space, or score items without one; each in a file of its own."""

from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.factorization.svd import fold_in, pca_2d, singular_values, truncated_svd

__all__ = ["Embeddings", "fold_in", "pca_2d", "singular_values", "truncated_svd"]
