"""One file per claim; each prints a Markdown table, and a ratio to a named peer in one run where speed is claimed."""
