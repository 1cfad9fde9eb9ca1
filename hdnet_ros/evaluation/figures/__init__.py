"""Figures of the paper for any image: scenes from several sides (figure 5) and the largest errors (figure 4)."""
