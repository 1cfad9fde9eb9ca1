"""Pictures of people: the image with boxes, joints and distances, and views of the same people in metres.

All images are (H, W, 3) uint8 BGR; OpenCV alone draws them.
"""
from .figure import Memory, draw_figure
from .image import draw_people
from .palette import Palette
from .views import draw_top_view, draw_views

__all__ = ['Memory', 'Palette', 'draw_figure', 'draw_people', 'draw_top_view', 'draw_views']
