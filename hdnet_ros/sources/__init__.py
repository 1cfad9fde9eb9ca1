"""Frames from where people keep them: images, folders of images, videos, webcams and bags."""
from hdnet_ros.sources.opening import open_source
from hdnet_ros.sources.source import Frame, Source, SourceError

__all__ = ['Frame', 'Source', 'SourceError', 'open_source']
