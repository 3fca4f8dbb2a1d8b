"""Lesson 8: a scale that no prediction sees, what it does to a cosine, and what to do about it."""
