"""Lesson 12: a client's budget, a ladder against grinding, and a choice that repeats."""
