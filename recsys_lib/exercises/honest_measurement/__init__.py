"""Lesson 9: measures by user, their intervals, splits in time, sampled ranks, and who gets the slots."""
