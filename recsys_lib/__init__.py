"""What the lessons import: small, NumPy only, no input or output outside `datasets`."""

__version__ = "0.1.0"
