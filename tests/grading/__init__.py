"""Grading a class: honest, broken and hostile submissions."""
