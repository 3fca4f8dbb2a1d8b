"""Lesson 5: learn vectors by the loss of what was rated, its gradient, gravity, and alternating least squares."""
