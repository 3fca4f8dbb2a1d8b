"""A move of a figure, sent as the browser sends it."""


def send(figure, **move):
    """Send a move as the browser does; returns the answer."""
    figure.receive(figure, {"seq": "test:1", **move}, [])
    return figure.scene
