"""Readers of data sets: every layout becomes the same kind of sample."""
