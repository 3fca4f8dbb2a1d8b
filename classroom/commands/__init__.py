"""What `course.py` runs: one module a command, each with its command line."""
