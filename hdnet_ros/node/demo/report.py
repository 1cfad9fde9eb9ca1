"""What is left when the demonstration is over: errors, an annotated film and a picture."""
from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from hdnet_ros import msg
from hdnet_ros.drawing import Memory, draw_figure
from hdnet_ros.drawing.film import Film
from hdnet_ros.evaluation.pose2sim_truth import WHO, Pose2SimTruth, match_people
from hdnet_ros.evaluation.root_errors import RootError, markdown_table, summarize, write_csv
from hdnet_ros.node.demo.messages import frame_result, root_pixel
from hdnet_ros.node.demo.stage import Result, Stage


def root_errors(result: Result, truth: Pose2SimTruth) -> list[RootError]:
    """Estimate and truth of everybody in that frame whose truth is known and reliable."""
    people = result.people.persons
    true_people = truth.people(result.clip.name, result.frame)
    matches = match_people([root_pixel(p) for p in people], true_people, result.clip.camera.focal_px)
    return [RootError(result.clip.name, result.frame, true.who, people[i].id, _root(people[i]), true.root)
            for true, i in zip(true_people, matches) if i is not None and true.reliable]


def result_lines(result: Result, errors: Sequence[RootError]) -> list[str]:
    """One line per person: camera, frame, id, distance and x, y, z in metres, and the error where it is known."""
    by_id = {e.id: e for e in errors}
    states = {msg.Person.TRACKING_TENTATIVE: '  tentative', msg.Person.TRACKING_COASTING: '  coasting'}
    lines = []
    for person in result.people.persons:
        x, y, z = root = _root(person)
        line = (f'{result.clip.name}  {result.frame:5d}  {person.id}  {np.linalg.norm(root):6.2f} m   '
                f'x {x:+6.2f}  y {y:+6.2f}  z {z:6.2f} m{states.get(person.tracking_state, "")}')
        if person.id in by_id:
            error = by_id[person.id]
            line += f'   {WHO[error.who]}: error {error.distance_m:.2f} m'
        lines.append(line)
    return lines or [f'{result.clip.name}  {result.frame:5d}  nobody']


def tally(stage: Stage) -> str:
    """How many images were published, what became of them, and how long they took, in one line."""
    parts = [f'{stage.published} images published', f'{len(stage.results)} results']
    if stage.timing is not None:
        parts += [f'{stage.timing.images_dropped} dropped because the node was busy',
                  f'{max(0, stage.published - stage.timing.images_received)} lost on the way']
        if stage.timing.images_failed:
            parts.append(f'{stage.timing.images_failed} failed')
    if stage.latencies_s:
        parts.append(f'median latency {1000 * np.median(stage.latencies_s):.0f} ms')
    return ', '.join(parts)


def write_errors(errors: Sequence[RootError], folder: Path) -> str:
    """Write errors.csv and errors.md; the table with the summary, as text."""
    write_csv(errors, folder / 'errors.csv')
    text = markdown_table(summarize(errors)) + '\n' + verdict(errors) + '\n'
    (folder / 'errors.md').write_text('# Root errors against the triangulated truth\n\n' + text, encoding='utf-8')
    return text


def verdict(errors: Sequence[RootError]) -> str:
    """The median root error of the real man in one line."""
    mine = [e.distance_m for e in errors if e.who == 'man']
    if not mine:
        return 'The real man was not found in any frame with a truth.'
    median = float(np.median(mine))
    return f'Median root error of the real man: {median:.3f} m over {len(mine)} frames.'


def write_pictures(results: Sequence[Result], folder: Path, plain: bool = False) -> list[Path]:
    """Draw every result into annotated.mp4 and the best one into picture.png; the paths.

    plain: without the images of the camera.
    """
    film = Film(folder / 'annotated.mp4', results[0].clip.fps)
    best = max(results, key=picture_merit)
    picture = folder / 'picture.png'
    clip, memory = None, Memory()
    try:
        for result in tqdm(results, desc='drawing', unit='frame', disable=not sys.stderr.isatty()):
            if result.clip is not clip:
                clip, memory = result.clip, Memory()
            figure = draw_figure(result.image, frame_result(result.people), clip.camera, memory=memory,
                                 plain=plain)
            film.add(figure)
            if result is best:
                cv2.imwrite(str(picture), figure)
    finally:
        film.close()
    return [film.path, picture]


def picture_merit(result: Result) -> tuple[int, float]:
    """How much there is to see: confirmed people, then how surely and how large they are seen."""
    people = [p for p in result.people.persons if p.tracking_state == msg.Person.TRACKING_CONFIRMED]
    height = result.clip.camera.height
    merit = sum(np.mean([k.confidence for k in p.keypoints]) * np.sqrt(p.roi.height / height) for p in people)
    return len(people), float(merit)


def _root(person: msg.Person) -> np.ndarray:
    position = person.root.pose.position
    return np.array([position.x, position.y, position.z])
