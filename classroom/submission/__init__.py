"""One submission: rebuilt from the release, judged, recorded."""
