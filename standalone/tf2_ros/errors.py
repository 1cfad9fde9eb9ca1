"""Why a transform is not to be had."""


class TransformException(Exception):
    """The base of all of them."""


class LookupException(TransformException):
    """Nobody has ever spoken of that frame, or the frames form a loop."""


class ConnectivityException(TransformException):
    """Both frames are known, but nothing joins them."""


class ExtrapolationException(TransformException):
    """The frames are joined, but not at that time."""


class InvalidArgumentException(TransformException):
    """A frame's name is empty or begins with a slash."""
