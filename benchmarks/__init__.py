"""The benchmarks, one file a claim: each prints a Markdown table; where speed is claimed, a ratio to a named peer."""
