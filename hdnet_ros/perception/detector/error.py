"""What detectors raise."""


class DetectorError(RuntimeError):
    """A detector cannot be built or used; the message says why and what to do."""
