"""Lesson 7: the norm that rare films keep from their start, how to see it, and how to cure it."""
