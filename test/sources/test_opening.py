from __future__ import annotations

import pytest

from hdnet_ros.sources import SourceError, open_source


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_source(str(tmp_path / 'nothing.mp4'))
    with pytest.raises(SourceError, match='no images'):
        open_source(str(tmp_path))
    with pytest.raises(SourceError, match='no webcam 97'):
        open_source('97')


@pytest.mark.parametrize('content', [b'', b'this is text', None])
def test_damaged_files(tmp_path, film, content):
    data = film.read_bytes()[:100] if content is None else content
    (tmp_path / 'bad.mp4').write_bytes(data)
    with pytest.raises(SourceError, match='bad.mp4'):
        open_source(str(tmp_path / 'bad.mp4'))
    (tmp_path / 'bad.png').write_bytes(data)
    with pytest.raises(SourceError, match='bad.png'):
        list(open_source(str(tmp_path / 'bad.png')).frames())
