"""Tests, one file a module; exercises, lessons, grading and the browser in folders of their own."""
