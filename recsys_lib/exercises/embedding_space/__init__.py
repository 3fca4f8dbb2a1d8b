"""Lesson 2: one space for users and films, a new user in it, and what a flat map of it keeps."""
