"""The exercises, and the check that judges them."""
