"""From a lesson's text to the notebooks."""
