"""What to tell somebody who does not have a data set yet: what is missing, where to get it and where to put it."""
from __future__ import annotations

from pathlib import Path

from hdnet_ros.training.errors import DataSetError

HUMAN36M = """\
Human3.6M is free for academic use, but has to be asked for: register at http://vision.imar.ro/human3.6m.
Put one of these two layouts into one folder:
  annotations/subject_9.h5, subject_11.h5      the annotations of the published HDNet code
      (download link in the README of https://github.com/jiahaoLjh/HumanDepth)
  images/test/s_09_act_02_subact_01_ca_01/s_09_act_02_subact_01_ca_01_000001.jpg and so on: frames of the films
or
  annotations/Human36M_subject9_data.json, ..._camera.json, ..._joint_3d.json, and the same for subject 11
      (download link in the README of https://github.com/mks0601/3DMPPE_ROOTNET_RELEASE)
  images/s_09_act_02_subact_01_ca_01/s_09_act_02_subact_01_ca_01_000001.jpg and so on
Scoring predictions that exist already needs the annotations only."""

HUMAN36M_DETECTIONS = """\
The 2D detections that the paper takes the root's pixel from come with the annotations of the published HDNet code
(download link in the README of https://github.com/jiahaoLjh/HumanDepth).
Put them beside the annotations: annotations/subject_9_cpn.h5 and annotations/subject_11_cpn.h5.
Without them, evaluate with the root pixel that the system itself gives."""

MUPOTS = """\
MuPoTS-3D is free for research: https://vcai.mpi-inf.mpg.de/projects/SingleShotMultiPerson.
Put it into one folder, as it is unpacked:
  MultiPersonTestSet/TS1/annot.mat, occlusion.mat, img_000000.jpg and so on, up to TS20
and, for the boxes and roots that published figures of AP_root were computed with,
  MuPoTS-3D.json      (download link in the README of https://github.com/mks0601/3DMPPE_ROOTNET_RELEASE)
Either of the two is enough to start with. Scoring predictions that exist already needs no images."""


def missing(what: str, folder: Path, help_text: str) -> DataSetError:
    """The error to raise: what was looked for, in which folder, and what to do."""
    state = 'has none of it' if folder.is_dir() else 'does not exist'
    return DataSetError(f'{what} not found: {folder} {state}.\n{help_text}')
