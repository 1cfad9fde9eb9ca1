"""Predictions and boxes in the file layouts that others publish."""
