"""Where submitted code runs, and how it is talked to."""
