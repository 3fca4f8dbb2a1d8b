"""A class: its folder, its submissions, its gradebook, its log."""
