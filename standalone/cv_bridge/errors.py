"""What goes wrong with images."""


class CvBridgeError(TypeError):
    """A message or an image cannot be converted; the text says why."""
