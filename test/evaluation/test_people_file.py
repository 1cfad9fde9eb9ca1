import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.evaluation.people_file import PeopleWriter, iterate_people, read_people
from hdnet_ros.evaluation.people_record import EstimatedPerson
from hdnet_ros.evaluation.people_table import PredictionError

HEADER = '{"format":"hdnet people","version":1,"joint_set":null,"about":{}}'
PERSON = '{"root":[0,0,3],"score":0.5}'


def person(z=3.0, **values):
    return EstimatedPerson(root=np.array([0.1, -0.2, z]), **values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'run' / 'people.jsonl'


def write_lines(path, *lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text(''.join(line + '\n' for line in lines))


def image(name, *people):
    return f'{{"image":"{name}","people":[{",".join(people)}]}}'


def test_what_is_written_is_read(path):
    random = np.random.default_rng(0)
    joints, joints_px = random.normal(size=(17, 3)), random.uniform(0, 1000, size=(17, 2))
    joints[4] = np.nan
    full = EstimatedPerson(root=random.normal(size=3), score=1 / 3, box=[1, 2, 30.25, 40], root_px=[5, 6.5],
                           log_sigma=0.07, joints_px=joints_px, joints=joints)
    with PeopleWriter(path, 'human36m_17', {'system': 'constant'}) as writer:
        writer.write('first', [full, person()])
        writer.write('nobody', [])
        writer.write('last', [person(4.0, score=0.25)])
    people = read_people(path)
    assert people.image_ids == ['first', 'nobody', 'last']
    assert people.image.tolist() == [0, 0, 2]
    assert people.joint_set == 'human36m_17'
    assert people.score.tolist() == [1 / 3, 1, 0.25]
    np.testing.assert_allclose(people.root[0], full.root, atol=6e-7)
    np.testing.assert_allclose(people.joints[0], joints, atol=6e-7)
    np.testing.assert_allclose(people.joints_px[0], joints_px, atol=6e-4)
    np.testing.assert_array_equal(people.box[0], full.box)
    np.testing.assert_array_equal(people.root_px[0], full.root_px)
    assert people.log_sigma[0] == 0.07
    for column in (people.joints, people.joints_px, people.box, people.root_px, people.log_sigma):
        assert np.isnan(column[1:]).all()
    assert json.loads(path.read_text().splitlines()[0])['about'] == {'system': 'constant'}


def test_without_joints_there_are_no_columns_for_them(path):
    with PeopleWriter(path) as writer:
        writer.write('a', [person()])
    people = read_people(path)
    assert people.joints is None and people.joints_px is None and people.joint_set is None


def test_a_run_without_people_and_one_without_images(path, tmp_path):
    with PeopleWriter(path, 'mupots_17') as writer:
        writer.write('a', [])
    people = read_people(path)
    assert len(people) == 0 and people.image_ids == ['a'] and people.joints.shape == (0, 17, 3)
    PeopleWriter(tmp_path / 'empty.jsonl').close()
    assert read_people(tmp_path / 'empty.jsonl').image_ids == []


def test_images_of_the_truth_give_the_numbers(path):
    write_lines(path, HEADER, image('b', PERSON), image('a', PERSON, PERSON))
    people = read_people(path, ['a', 'b'])
    assert people.image_ids == ['a', 'b'] and people.image.tolist() == [0, 0, 1]
    with pytest.raises(PredictionError, match=r"has 2 of 4 images; the first that is missing is 'c'"):
        read_people(path, ['a', 'b', 'c', 'd'])
    with pytest.raises(PredictionError, match=r"line 3: image 'a' is not among those to be evaluated"):
        read_people(path, ['b'])


@pytest.mark.parametrize('images', [1, 2, 3, 100])
def test_pieces_are_the_whole(path, images):
    write_lines(path, HEADER, image('a', PERSON), image('b'), image('c', PERSON, PERSON), image('d', PERSON))
    pieces = list(iterate_people(path, images=images))
    assert max(len(piece.image_ids) for piece in pieces) <= images
    assert [name for piece in pieces for name in piece.image_ids] == ['a', 'b', 'c', 'd']
    assert sum(len(piece) for piece in pieces) == 4
    assert [len(piece) for piece in iterate_people(path, ['d', 'c', 'b', 'a'], images=images)] == [
        len(piece) for piece in pieces]
    with pytest.raises(PredictionError, match='4 of 5'):
        list(iterate_people(path, ['a', 'b', 'c', 'd', 'e'], images=images))


@pytest.mark.parametrize('line, message', [
    ('{"image":"b","people":[{]}', 'not valid JSON'),
    ('[1, 2]', 'expected a JSON object, not list'),
    (b'{"image":"\xff","people":[]}', 'not valid JSON'),
    ('{"people":[]}', '"image" must be the name of an image, not None'),
    ('{"image":7,"people":[]}', '"image" must be the name of an image, not 7'),
    ('{"image":"b"}', '"people" must be a list'),
    ('{"image":"a","people":[]}', "image 'a' is in the file a second time"),
    (image('b', PERSON, '{"root":[0,NaN,3],"score":1}'), r"image 'b', person 1: root: expected finite"),
    (image('b', '{"root":[0,null,3],"score":1}'), 'person 0: root: expected finite'),
    (image('b', '{"root":[0,3],"score":1}'), r'person 0: root: expected numbers of shape \(3,\), not \[0, 3\]'),
    (image('b', '{"root":"here","score":1}'), 'person 0: root: expected numbers'),
    (image('b', '{"score":1}'), 'person 0: root: expected numbers of shape .*, not null'),
    (image('b', '{"root":[0,0,3]}'), 'person 0: score: expected a number, not null'),
    (image('b', '{"root":[0,0,3],"score":[1]}'), 'person 0: score: expected a number'),
    (image('b', '{"root":[0,0,3],"score":1,"box":[1,2,3]}'), 'person 0: box: expected numbers'),
    (image('b', '{"root":[0,0,3],"score":1,"box":[1,2,3,Infinity]}'), 'person 0: box: expected finite'),
    (image('b', '{"root":[0,0,3],"score":1,"depth":3}'), "unknown value 'depth'; known are root, score"),
    (image('b', '{"root":[0,0,3],"score":1,"joints":[]}'), "unknown value 'joints'.*names no joint_set"),
    (image('b', f'{{"root":[0,0,1{"0" * 400}],"score":1}}'), 'person 0: root: expected numbers'),
    (image('b', '[0,0,3]'), 'person 0: expected a JSON object'),
])
def test_malformed_records_are_named(path, line, message):
    write_lines(path, HEADER, image('a', PERSON))
    with open(path, 'ab') as file:
        file.write(line if isinstance(line, bytes) else line.encode())
        file.write(b'\n' + image('z', PERSON).encode() + b'\n')
    with pytest.raises(PredictionError, match=f'{path.name}, line 3.*{message}'):
        read_people(path)


def test_joints_of_another_set_are_refused(path):
    header = HEADER.replace('null', '"mupots_17"')
    joints = json.dumps(np.zeros((18, 3)).tolist())
    write_lines(path, header, image('a', f'{{"root":[0,0,3],"score":1,"joints":{joints}}}'))
    with pytest.raises(PredictionError, match=r"line 2, image 'a', person 0: joints: .* shape \(17, 3\)"):
        read_people(path)


@pytest.mark.parametrize('header, message', [
    ('', 'not valid JSON'),
    ('[{"image_id": 1}]', 'expected a JSON object'),
    ('{"images": []}', 'another kind of file'),
    (HEADER.replace('1', '2'), 'version 2'),
    (HEADER.replace('null', '"dog"'), 'unknown joint set .*dog'),
    (HEADER.replace('{}', '[1]'), r'"about" must be a JSON object, not \[1\]'),
])
def test_other_files_are_told_apart(path, header, message):
    write_lines(path, header, image('a', PERSON))
    content = path.read_bytes()
    for use in (read_people, PeopleWriter):
        with pytest.raises(PredictionError, match=f'line 1: .*{message}'):
            use(path)
    assert path.read_bytes() == content


def test_a_file_that_is_not_there(path):
    with pytest.raises(PredictionError, match='people.jsonl: cannot be read'):
        read_people(path)


def test_an_interrupted_run_goes_on(path):
    with PeopleWriter(path, about={'system': 'constant'}) as writer:
        writer.write('a', [person(1.0)])
        writer.write('b', [person(2.0)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(PredictionError, match='line 3: the line is half written.*start it again'):
        read_people(path)
    with PeopleWriter(path, about={'system': 'constant'}) as writer:
        assert writer.done == {'a'}
        with pytest.raises(PredictionError, match="image 'a' is there already"):
            writer.write('a', [])
        writer.write('b', [person(2.0)])
    assert path.read_bytes() == whole


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(0, 3))
def test_wherever_it_stops_the_end_is_the_same(tmp_path_factory, kept, people):
    path = tmp_path_factory.mktemp('run') / 'people.jsonl'

    def run():
        with PeopleWriter(path, about={'system': 'constant'}) as writer:
            for name in ('a', 'b', 'c'):
                if name not in writer.done:
                    writer.write(name, [person(float(i + 1)) for i in range(people)])
    run()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    run()
    assert path.read_bytes() == whole


def test_a_killed_writer_has_kept_all_it_wrote(path):
    code = ('import sys; from hdnet_ros.evaluation.people_file import PeopleWriter, EstimatedPerson\n'
            'writer = PeopleWriter(sys.argv[1])\n'
            'for i in range(5): writer.write(str(i), [EstimatedPerson([0, 0, 1 + i])])\n'
            'print("ready", flush=True); sys.stdin.read()\n')
    process = subprocess.Popen([sys.executable, '-c', code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               cwd=Path(__file__).resolve().parents[2])
    try:
        assert process.stdout.readline() == b'ready\n'
        with pytest.raises(PredictionError, match='being written by another run'):
            PeopleWriter(path)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate(timeout=60)
    with PeopleWriter(path) as writer:
        assert writer.done == {'0', '1', '2', '3', '4'}
    assert read_people(path).root[:, 2].tolist() == [1, 2, 3, 4, 5]


def test_another_run_does_not_append_to_this_file(path):
    PeopleWriter(path, 'mupots_17', {'system': 'constant'}).close()
    content = path.read_bytes()
    for joints, system, differing in ((None, 'constant', 'joint_set'), ('mupots_17', 'hdnet', 'system')):
        with pytest.raises(PredictionError, match=f'differs in {differing}; remove the file, or use another folder'):
            PeopleWriter(path, joints, {'system': system})
    assert path.read_bytes() == content
    PeopleWriter(path, 'mupots_17', {'system': 'constant'}).close()


def test_what_differs_between_runs_is_named(path):
    PeopleWriter(path, about={'size': (1, 2), 'old': None, 'same': 0}).close()
    PeopleWriter(path, about={'same': 0, 'old': None, 'size': [1, 2]}).close()      # the same, once it is JSON
    with pytest.raises(PredictionError, match='differs in size, old, new;'):
        PeopleWriter(path, about={'size': (1, 3), 'new': None, 'same': 0})


def test_a_run_does_not_go_on_behind_a_damaged_line(path):
    write_lines(path, HEADER, image('a', PERSON), '{"image":', image('b', PERSON))
    with pytest.raises(PredictionError, match='line 3: not valid JSON'):
        PeopleWriter(path)


@pytest.mark.parametrize('values, message', [
    ({'root': [0, 0, np.nan]}, 'root: expected finite'),
    ({'root': [0, 0, 3], 'score': np.nan}, 'score: expected a number'),
    ({'root': [0, 0, 3], 'joints': np.zeros((16, 3))}, 'joints: expected'),
    ({'root': [0, 0, 3], 'box': [0, 0, np.inf, 1]}, 'box: expected finite'),
])
def test_people_who_could_not_be_read_back_are_not_written(path, values, message):
    with PeopleWriter(path, 'human36m_17') as writer:
        with pytest.raises(PredictionError, match=f"image 'a', person 1: {message}"):
            writer.write('a', [person(), EstimatedPerson(**values)])
        assert writer.done == set()
    assert read_people(path).image_ids == []
