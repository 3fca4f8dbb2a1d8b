"""Lesson 3: dot product, cosine and Euclidean distance, and the orders that they give."""
