"""The exercises of each lesson, one module a lesson; imported by `recsys_lib.checks` only when asked."""
