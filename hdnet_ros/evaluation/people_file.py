"""Files of predictions: written image by image, resumed after an interruption, read in pieces."""
from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from .people_record import EstimatedPerson, Header, RecordError, columns_of, encode, fault_of, parse
from .people_table import PeopleTable, PredictionError, concatenate

FilePath = str | PathLike


class PeopleWriter:
    """Appends one line per image to a file, and goes on where an earlier run stopped.

    path: the file; made if there is none.
    joint_set: name of the joints that people have; None if nobody has any.
    about: anything worth knowing about the run (JSON values), for example the system and its settings.
    A last line that an interrupted run left half written is removed, and its image counts as not done.
    Raises PredictionError if the file belongs to a run with other joints or another ``about``, is damaged, is no such
    file at all, or is being written by another process. Use it in a ``with`` statement, or close it.
    """

    def __init__(self, path: FilePath, joint_set: str | None = None, about: dict | None = None):
        self.path = Path(path)
        self.header = Header(joint_set, about or {})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, 'a+b')   # noqa: SIM115 (closed in close)
        try:
            self.done = self._resume()
        except BaseException:
            self._file.close()
            raise

    def _resume(self) -> set[str]:
        """Repair the end of the file; the images that it holds."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PredictionError(f'{self.path} is being written by another run; wait for it, or use '
                                  'another folder') from None
        except OSError:
            pass    # not every file system knows locks
        self._file.seek(0)
        first = self._file.readline()
        header_line = self.header.encode().encode()
        if not first.endswith(b'\n') and header_line.startswith(first):
            self._file.truncate(0)
            self._append(header_line)
            return set()
        with _naming(self.path, 1):
            found = Header.decode(first)
        differing = found.differs_in(Header.decode(header_line))
        if differing:
            raise PredictionError(f'{self.path} holds another run, which differs in {", ".join(differing)}; remove the '
                                  'file, or use another folder')
        done: set[str] = set()
        end = self._file.tell()
        for number, line in enumerate(self._file, 2):
            if not line.endswith(b'\n'):
                break
            with _naming(self.path, number):
                _add_image(parse(line), done)
            end += len(line)
        self._file.truncate(end)
        return done

    def write(self, image_id: str, people: Sequence[EstimatedPerson]) -> None:
        """Append everybody in one image (possibly nobody); the line is in the file when this returns.

        Raises PredictionError for an image that is done already, and for people who could not be read back.
        """
        if image_id in self.done:
            raise PredictionError(f'{self.path}: image {image_id!r} is there already')
        try:
            line = encode(image_id, people, self.header)
        except RecordError as error:
            raise PredictionError(f'{self.path}: image {image_id!r}, {error}') from None
        self._append(line.encode())
        self.done.add(image_id)

    def _append(self, line: bytes) -> None:
        self._file.write(line)
        self._file.flush()

    def close(self) -> None:
        """Close the file; others may write to it then."""
        self._file.close()

    def __enter__(self) -> PeopleWriter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@contextmanager
def _naming(path: FilePath, line: int) -> Iterator[None]:
    """Says in which line of which file a record is wrong."""
    try:
        yield
    except RecordError as error:
        raise PredictionError(f'{path}, line {line}: {error}') from None


def _add_image(record: dict, seen: set[str]) -> None:
    """Check what a record says around its people, and take its image down as seen."""
    image = record.get('image')
    if not isinstance(image, str):
        raise RecordError(f'"image" must be the name of an image, not {image!r}')
    if image in seen:
        raise RecordError(f'image {image!r} is in the file a second time')
    if not isinstance(record.get('people'), list):
        raise RecordError(f'image {image!r}: "people" must be a list')
    seen.add(image)


def iterate_people(path: FilePath, image_ids: Sequence[str] | None = None, images: int = 1000) -> Iterator[PeopleTable]:
    """Read a file in tables of so many images, in its order, so that memory does not grow with its length.

    image_ids: the images that must be in the file, and no others; None if any may.
    Raises PredictionError, naming file and line, for the first record that is malformed, repeats an image or has one
    that ``image_ids`` lacks, for a last line that is half written, and at the end for missing images.
    """
    known = None if image_ids is None else set(image_ids)
    seen: set[str] = set()
    with _opened(path) as file:
        with _naming(path, 1):
            header = Header.decode(file.readline())
        records: dict[int, dict] = {}
        for number, line in enumerate(file, 2):
            with _naming(path, number):
                if not line.endswith(b'\n'):
                    raise RecordError('the line is half written: the run was interrupted; start it again to go on')
                record = parse(line)
                _add_image(record, seen)
                if known is not None and record['image'] not in known:
                    raise RecordError(f'image {record["image"]!r} is not among those to be evaluated')
            records[number] = record
            if len(records) == images:
                yield _table(path, records, header)
                records = {}
        if records or not seen:
            yield _table(path, records, header)
    if known is not None and len(seen) < len(known):
        first = next(name for name in image_ids if name not in seen)
        raise PredictionError(f'{path} has {len(seen)} of {len(known)} images; the first that is missing is {first!r}. '
                              'Start the run again to complete it')


def read_people(path: FilePath, image_ids: Sequence[str] | None = None) -> PeopleTable:
    """A whole file of predictions in one table; arguments and errors as in ``iterate_people``.

    The images are ``image_ids`` in that order, or without them those of the file in its order.
    """
    people = concatenate(list(iterate_people(path, image_ids)))
    return people if image_ids is None else people.of_images(image_ids)


def _table(path: FilePath, records: dict[int, dict], header: Header) -> PeopleTable:
    """The table of some lines of a file, given by their numbers."""
    people = [person for record in records.values() for person in record['people']]
    counts = [len(record['people']) for record in records.values()]
    shapes = header.shapes()
    try:
        columns = columns_of(people, shapes)
    except RecordError as error:
        faults = (f'{path}, line {line}, image {record["image"]!r}, person {number}: {fault}'
                  for line, record in records.items() for number, person in enumerate(record['people'])
                  if (fault := fault_of(person, shapes)))
        raise PredictionError(next(faults, f'{path}: {error}')) from None
    return PeopleTable([record['image'] for record in records.values()], np.repeat(np.arange(len(counts)), counts),
                       joint_set=header.joint_set, **columns)


@contextmanager
def _opened(path: FilePath) -> Iterator[BinaryIO]:
    try:
        file = open(path, 'rb')   # noqa: SIM115 (closed below)
    except OSError as error:
        raise PredictionError(f'{path}: cannot be read ({error.strerror})') from None
    with file:
        yield file
