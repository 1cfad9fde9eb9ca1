"""Synthetic people: images of dressed, posed bodies with metric truth, drawn at will."""
from hdnet_ros.training.synthetic.config import SyntheticConfig
from hdnet_ros.training.synthetic.dataset import SyntheticPeople
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.sample import SyntheticImage, SyntheticPerson

__all__ = ['SyntheticConfig', 'SyntheticError', 'SyntheticImage', 'SyntheticPeople', 'SyntheticPerson']
