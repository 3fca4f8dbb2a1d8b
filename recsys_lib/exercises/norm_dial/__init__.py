"""Lesson 4: the dial between cosine and dot product, where items change places on it, and what that costs."""
