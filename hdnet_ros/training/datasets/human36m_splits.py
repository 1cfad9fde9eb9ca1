"""What is taken from Human3.6M: subjects, frames and sequences."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.requirement import require

from .dataset import DataSetConfig, check_split

TRAINING_SUBJECTS = (1, 5, 6, 7, 8)
TEST_SUBJECTS = (9, 11)
ALWAYS_TEST_SUBJECTS = (11,)    # protocol 1 trains on 9
TEST_EVERY = 64     # of so many frames, one is evaluated
# Subject, action, subaction: its annotations do not fit its images.
BROKEN_SEQUENCE = (11, 2, 2)


@dataclass(frozen=True)
class Human36MConfig(DataSetConfig):
    """The published split.

    subjects: numbers; none: 1, 5, 6, 7, 8, and 9, 11 for testing.
    every: take every so many-th frame; 0: 5, and 64 for testing.
    validation_sequences: subject, action and subaction of what is kept from training to choose weights by.
    """

    subjects: tuple[int, ...] = ()
    every: int = 0
    validation_sequences: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self, ('train', 'validation', 'test'))
        require(self.every >= 0, 'every must not be negative', self.every)
        require(self.split != 'validation' or self.validation_sequences != (),
                'validation_sequences must name what is kept for validation', [])
        require(self.split == 'test' or not set(self.subjects) & set(ALWAYS_TEST_SUBJECTS),
                'subjects: 11 is for testing in every protocol', list(self.subjects))

    @property
    def chosen_subjects(self) -> tuple[int, ...]:
        """The subjects to read, without those that validation does not need."""
        if self.subjects:
            return self.subjects
        if self.split == 'validation':
            return tuple(dict.fromkeys(subject for subject, _, _ in self.validation_sequences))
        return TEST_SUBJECTS if self.split == 'test' else TRAINING_SUBJECTS

    @property
    def chosen_every(self) -> int:
        """Distance between the frames to take."""
        return self.every or (TEST_EVERY if self.split == 'test' else 5)

    def takes(self, subject: int, action: int, subaction: int) -> bool:
        """Whether a sequence belongs to this split."""
        if self.split == 'test':
            return True
        kept = (subject, action, subaction) in self.validation_sequences
        return kept == (self.split == 'validation')
