"""Where networks run: what the names of devices mean."""
from __future__ import annotations

from typing import TYPE_CHECKING

from hdnet_ros.models import ModelError

if TYPE_CHECKING:
    import torch


def best_device() -> str:
    """'cuda' if torch can use it, else 'cpu'; torch is imported by whoever asks."""
    import torch
    return 'cuda' if torch.cuda.is_available() else 'cpu'


def choose_device(name: str) -> torch.device:
    """'auto', 'cpu', 'cuda' or 'cuda:1' as a device; ModelError if it is not there."""
    import torch
    if name == 'auto':
        return torch.device(best_device())
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"device {name!r} cannot be used ({reason}); set it to 'auto' or 'cpu'") from error
    return device
