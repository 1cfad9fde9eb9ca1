"""The images of a data set for systems to run on, with the boxes that a protocol or a file gives."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hdnet_ros.perception.people import Detection
from hdnet_ros.training.samples import Sample

from ..runner import Frame

BoxesByImage = Mapping[str, Sequence[Detection]]


def frames(samples: Iterable[tuple[str, Sample]], boxes: BoxesByImage | str = 'true') -> Iterator[Frame]:
    """One frame per sample, for ``run_systems``; image files are read when a system looks at them.

    samples: image ids and samples, as ``Human36mTruth.samples`` and ``MupotsTruth.samples`` give them.
    boxes: 'true' for those of the data set, 'detector' to have a detector find them, or the boxes of every image, as
        ``files/boxes.py`` reads them; nobody in images that it lacks.
    Raises ValueError for another word.
    """
    if isinstance(boxes, str) and boxes not in ('true', 'detector'):
        raise ValueError(f"boxes must be 'true', 'detector' or given by image, not {boxes!r}")
    return (_frame(image_id, sample, boxes) for image_id, sample in samples)


def _frame(image_id: str, sample: Sample, boxes: BoxesByImage | str) -> Frame:
    if boxes == 'true':
        return Frame.of_sample(image_id, sample)
    return Frame(image_id, sample.read_image, sample.camera,
                 None if boxes == 'detector' else list(boxes.get(image_id, ())))
