from __future__ import annotations

import json

import pytest

from hdnet_ros.evaluation.files.image_names import human36m_names, mupots_names
from hdnet_ros.training.errors import DataSetError


def write(path, files, first=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({'images': [{'id': first + i, 'file_name': file} for i, file in enumerate(files)]}))


def test_mupots(tmp_path):
    write(tmp_path / 'MuPoTS-3D.json', ['TS1/img_000000.jpg', 'TS20/img_000123.jpg'], first=5)
    assert mupots_names(tmp_path) == {5: 'TS1/img_000000', 6: 'TS20/img_000123'}


def test_human36m_has_a_file_per_subject(tmp_path):
    names = [f's_{subject:02d}_act_02_subact_01_ca_01_000065' for subject in (9, 11)]
    for number, (subject, name) in enumerate(zip((9, 11), names)):
        write(tmp_path / 'annotations' / f'Human36M_subject{subject}_data.json', [f'{name[:-7]}/{name}.jpg'],
              first=100 * number)
    assert human36m_names(tmp_path) == {0: names[0], 100: names[1]}
    assert human36m_names(tmp_path, subjects=[11]) == {100: names[1]}


def test_ids_that_two_subjects_share(tmp_path):
    for subject in (9, 11):
        write(tmp_path / 'annotations' / f'Human36M_subject{subject}_data.json',
              [f's_{subject:02d}_act_02_subact_01_ca_01_000065.jpg'])
    with pytest.raises(DataSetError, match='subject11_data.json: two images have the id 0'):
        human36m_names(tmp_path)


def test_missing_and_foreign_annotations(tmp_path):
    with pytest.raises(DataSetError, match=r'MuPoTS-3D.json \(it tells which images the predictions mean\) not found'):
        mupots_names(tmp_path)
    with pytest.raises(DataSetError, match='Human36M_subject9_data.json .* not found'):
        human36m_names(tmp_path)
    write(tmp_path / 'MuPoTS-3D.json', ['a.jpg'])
    with pytest.raises(DataSetError, match="MuPoTS-3D.json: 'a' is no image of MuPoTS-3D"):
        mupots_names(tmp_path)
