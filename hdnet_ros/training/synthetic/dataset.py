"""Synthetic people as a data set: sample i depends on the seed, the split and i only."""
from __future__ import annotations

import numpy as np

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.assets import prepared_folder
from hdnet_ros.training.synthetic.background import collage, composed, panorama_view, photograph_view
from hdnet_ros.training.synthetic.camera_effects import CameraEffects
from hdnet_ros.training.synthetic.config import SyntheticConfig
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.figure import FigureMaker
from hdnet_ros.training.synthetic.lighting import Light, draw_light
from hdnet_ros.training.synthetic.material import Drawable
from hdnet_ros.training.synthetic.panorama import Panorama
from hdnet_ros.training.synthetic.placement import PlacedPerson, Placer
from hdnet_ros.training.synthetic.pose_source import PoseSource
from hdnet_ros.training.synthetic.renderer import Renderer
from hdnet_ros.training.synthetic.sample import SyntheticImage, SyntheticPerson
from hdnet_ros.training.synthetic.splits import SPLITS, check_split, share, share_runs
from hdnet_ros.training.synthetic.surroundings import Surroundings
from hdnet_ros.training.synthetic.textures import TextureBank
from hdnet_ros.training.synthetic.view import View, draw_view
from hdnet_ros.training.synthetic.visibility import Seen, body_box, whole_area_px
from hdnet_ros.training.synthetic.wardrobe import PATTERN_COUNT, Wardrobe, skin_pictures

_JOINTS = 17
_WALLS = 120
_IDENTITY_SCALE = 2
_ATTEMPTS = 20


class SyntheticPeople:
    """Draws images of people with metric truth.

    config: ``SyntheticConfig.load()``. split: 'train', 'validation' or 'test'; they share no bodies, library poses,
    skins, prints, furniture or backgrounds, whatever ``bodies`` says: another seed there draws other bodies, and every
    split takes its own of them. Garments, and what is drawn at random, as poses joint by joint, are the same for all.
    Splits of configurations with other ``split_shares`` or ``poses.clip_step_s`` may overlap.
    The first use on a machine prepares the assets.
    Objects can be pickled into worker processes; the OpenGL context is made at the first sample of each process.
    Raises SyntheticError, with what to install or to fetch.
    """

    def __init__(self, config: SyntheticConfig, seed: int, split: str) -> None:
        check_split(split)
        self.config, self.seed, self.split = config, seed, split
        self._folder = prepared_folder(config)
        self._load()

    def __getstate__(self) -> dict:
        return {'config': self.config, 'seed': self.seed, 'split': self.split, '_folder': self._folder}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._load()

    def _load(self) -> None:
        folder, config = self._folder, self.config

        def own(items):
            return share(items, self.split, config.split_shares)

        body = store.load_template(folder / 'body.npz')
        self._pool = store.load_pool(folder)
        self._bodies = own(range(len(self._pool)))
        library = store.load_poses(folder / 'poses.npz')
        self._poses = PoseSource(config.poses, body, library,
                                 share_runs(library.names, self.split, config.split_shares))
        skins = own(skin_pictures([path.stem for path in (folder / 'textures').glob('*.png')]))
        female = set(self._pool.female[self._bodies].tolist())
        self._wardrobe = Wardrobe(config.clothing, skins, own(range(PATTERN_COUNT)), female)
        furniture = own(store.load_furniture(folder / 'furniture.npz'))
        self._surroundings = Surroundings(config.scene, own(range(_WALLS)), furniture)
        panoramas = own(list(store.load_panoramas(folder / 'panoramas.npz').values()))
        self._panoramas = [Panorama.from_radiance(radiance) for radiance in panoramas]
        self._textures = TextureBank(folder, own(sorted((folder / 'photographs').iterdir())))
        self._placer = Placer(body, self._pool)
        self._figures = FigureMaker(folder, body)
        self._effects = CameraEffects(config.effects)
        self._renderer: Renderer | None = None

    def sample(self, index: int) -> SyntheticImage:
        """Image number ``index``; the same for the same config, seed and split, whoever asks in whatever order.

        At least one person is visible enough to learn from.
        """
        for attempt in range(_ATTEMPTS):
            rng = np.random.default_rng([self.seed, SPLITS.index(self.split), index, attempt])
            image = self._draw(index, rng)
            if image is not None:
                return image
        raise SyntheticError(f'no person was visible in {_ATTEMPTS} attempts: scene.target_visibility or '
                             'scene.min_box_px is too high, or scene.depth_m too far or too near')

    def _draw(self, index: int, rng: np.random.Generator) -> SyntheticImage | None:
        view, people = self._place(rng)
        if not people:
            return None
        panorama = self._panoramas[rng.integers(len(self._panoramas))]
        light = draw_light(self.config.light, panorama, view, rng)
        kind = rng.random()
        inside = kind < self.config.scene.room_share
        figures = [self._figure(person, identity, view, rng) for identity, person in enumerate(people, start=1)]
        around = self._surroundings.room(view, people, rng) if inside else self._surroundings.ground(view, people)
        things = self._surroundings.things(view, people, inside, rng)
        renderer = self._get_renderer()
        with renderer.load([*around, *things, *figures]) as geometry:
            drawn = renderer.picture(geometry, view.K, (view.width, view.height), light,
                                     0.0 if inside else _catcher_strength(light, rng))
            seen = Seen.look(renderer, geometry, view, _IDENTITY_SCALE)
            boxes = [body_box(figure, view) for figure in figures]
            areas = [whole_area_px(renderer, geometry, view, identity, box)
                     for identity, box in enumerate(boxes, start=1)]
        truth = [self._truth(person, identity, view, seen, box, area)
                 for identity, (person, box, area) in enumerate(zip(people, boxes, areas), start=1)]
        targets = tuple(person for person in truth if person is not None)
        if not targets:
            return None
        if not inside:
            if kind < self.config.scene.room_share + self.config.scene.panorama_share:
                behind = panorama_view(panorama, view, light.yaw_rad, rng)
            else:
                behind = self._photographed(view, rng)
            drawn = composed(drawn, behind)
        image = self._effects.apply(np.ascontiguousarray(drawn[..., 2::-1]), rng)
        return SyntheticImage(image, view.K, targets, index)

    def _photographed(self, view: View, rng: np.random.Generator) -> np.ndarray:
        size, share = (view.width, view.height), self.config.scene.collage_share
        # Nothing is drawn for a share of zero, so that images do not depend on what is not asked for.
        if share and rng.random() < share:
            return collage(self._textures.photograph, size, rng)
        return photograph_view(self._textures.photograph(rng), size, rng)

    def _place(self, rng: np.random.Generator) -> tuple[View, list[PlacedPerson]]:
        """A camera, and people in front of it."""
        scene = self.config.scene
        weights = np.array(scene.people)
        count = 1 + int(rng.choice(len(weights), p=weights / weights.sum()))
        depths = np.exp(rng.uniform(*np.log(scene.depth_m), count))
        view = draw_view(self.config.view, float(np.median(depths)), rng)
        people = []
        for spot in self._placer.spots(scene, count, depths, view, rng):
            body = self._bodies[rng.integers(len(self._bodies))]
            person = self._placer.place(body, self._poses.draw(rng), spot, rng.uniform(0, 2 * np.pi), view)
            if person is not None:
                people.append(person)
        return view, people

    def _figure(self, person: PlacedPerson, identity: int, view: View, rng: np.random.Generator) -> Drawable:
        pool, body = self._pool, person.body
        outfit = self._wardrobe.outfit(rng, bool(pool.female[body]), float(pool.ages_years[body]))
        return self._figures.make(pool.shapes[body], person.transforms, person.bone_starts, outfit, identity,
                                  float(pool.heights_m[body]), person.joints[0, 2] / view.focal_px)

    def _truth(self, person: PlacedPerson, identity: int, view: View, seen: Seen, whole_box: np.ndarray,
               whole_px: float) -> SyntheticPerson | None:
        """None for somebody who is too hidden or too small to learn from."""
        box = seen.box(identity)
        visibility = min(1.0, seen.area_px(identity) / max(whole_px, 1e-6))
        scene = self.config.scene
        if box is None or visibility < scene.target_visibility or max(box[2:] - box[:2]) < scene.min_box_px:
            return None
        joints, extremities = np.split(person.joints, [_JOINTS])
        joints_px = view.project(joints)
        visible = seen.joints(identity, joints_px, joints[:, 2])
        return SyntheticPerson(joints, joints_px, visible, box, visibility, float(self._pool.heights_m[person.body]),
                               float(self._pool.ages_years[person.body]), f'body{person.body:04d}',
                               whole_box, extremities)

    def _get_renderer(self) -> Renderer:
        if self._renderer is None:
            self._renderer = Renderer(self._textures)
        return self._renderer


def _catcher_strength(light: Light, rng: np.random.Generator) -> float:
    """How dark the shadow is that the key light casts on a photographed floor."""
    key, ambient = light.key.mean(), light.ambient.mean()
    return float(np.clip(key / (key + 1.2 * ambient), 0, 0.75) * rng.uniform(0.6, 1))
