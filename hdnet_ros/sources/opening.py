"""From what a user types to a source of frames."""
from __future__ import annotations

import re
from pathlib import Path

from hdnet_ros.sources.bag import BAG_SUFFIXES, Bag
from hdnet_ros.sources.image_files import IMAGE_SUFFIXES, ImageFiles, images_in
from hdnet_ros.sources.source import Source
from hdnet_ros.sources.video import Video
from hdnet_ros.sources.webcam import Webcam


def open_source(spec: str, fps: float | None = None, image_topic: str | None = None, info_topic: str | None = None,
                rectified: bool = False, as_stored: bool = False, camera_given: bool = False) -> Source:
    """The source of that name.

    spec: path of an image, a folder of images, a video or a bag (folder, .mcap, .db3), or a webcam: its
        number or its device file (/dev/video0).
    fps: takes a folder of images as a film.
    image_topic, info_topic: in a bag, if it holds several; rectified: whether the images of the bag are.
    as_stored: image files keep the rows and columns that the camera wrote, whatever their EXIF data say of how it was
        held; a calibration is of those.
    camera_given: the caller knows the camera: CameraInfo in a bag is left alone, good or not.
    Raises FileNotFoundError, or SourceError with the reason.
    """
    if re.fullmatch(r'\d{1,3}', spec) and not Path(spec).exists():
        return Webcam(int(spec))
    path = Path(spec).expanduser()
    if not path.exists():
        raise FileNotFoundError(2, 'no such file or folder', str(path))
    if path.is_char_device():
        return Webcam(path)
    if path.suffix.lower() in BAG_SUFFIXES or (path / 'metadata.yaml').is_file():
        return Bag(path, image_topic, info_topic, rectified, camera_given)
    if path.is_dir():
        return ImageFiles(images_in(path), fps, as_stored)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFiles([path], as_stored=as_stored)
    return Video(path)
