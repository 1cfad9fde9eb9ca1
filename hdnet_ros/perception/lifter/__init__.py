"""Lifts people in an image to root-relative 3D skeletons."""
