"""What 'auto' means for a device."""
from __future__ import annotations


def best_device() -> str:
    """'cuda' if torch can use it, else 'cpu'; torch is imported by whoever asks."""
    import torch
    return 'cuda' if torch.cuda.is_available() else 'cpu'
