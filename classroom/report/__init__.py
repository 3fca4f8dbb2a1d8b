"""The page on what a class has not understood."""
