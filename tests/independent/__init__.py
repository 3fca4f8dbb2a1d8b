"""The lessons' figures, recomputed by code that shares nothing with the course but the data.

What the lessons say rests on `recsys_lib`: a mistake in a split, a model or a measure would stand in every table, and
no test that calls the same function would see it. Here the central figures of lessons 1 to 8 are computed again with
SciPy, scikit-learn, plain loops and float64 (`splits.py`, `models.py`, `measures.py`: a page each), and compared with
what the built solutions print. Each file has its lesson's figures in a table at its top, `LINES`: a short regular
expression with the words beside a figure and a group for it. Not recomputed are BPR, whose batches are drawn at random
in an order that is nobody's definition, and pictures.

To add a figure: a line in `LINES`, and in a test `lesson.prints(LINES["name"], value, ...)`, a value for each group. To
change one, because the lesson prints something else now: change its line, or the settings beside it. Half a unit in the
last printed place is allowed, and `noise` where the course calculates otherwise (float32, conjugate gradients); say
why. At the end of a run stands how many figures were recomputed.
"""
