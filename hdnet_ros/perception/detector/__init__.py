"""Finds people in an image."""
