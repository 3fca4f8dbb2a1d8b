"""The lessons: built, run, read."""
