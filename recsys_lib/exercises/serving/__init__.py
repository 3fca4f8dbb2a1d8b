"""Lesson 10: serve a model with an index, and know what the index changes."""
