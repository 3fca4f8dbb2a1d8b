"""Lesson 11: the loss of a batch, its correction for popularity, its gradient, and a loop that feeds on itself."""
