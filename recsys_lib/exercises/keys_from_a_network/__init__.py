"""Elective 1: keys that a small network draws from a picture, and what they are worth."""
