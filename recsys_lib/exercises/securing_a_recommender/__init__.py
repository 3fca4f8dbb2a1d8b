"""Elective 2: who may do what, until when and on whose record, and what a served model gives away."""
