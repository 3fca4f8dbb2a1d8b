"""Lesson 1: candidates by what an item is like, candidates by who liked it, and a list of the best k."""
