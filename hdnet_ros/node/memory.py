"""Gives memory back to the system."""
from __future__ import annotations

import ctypes


def give_back_memory() -> bool:
    """Let the C library return what was freed; False where it cannot (only glibc can) or had nothing.

    Loading networks frees hundreds of megabytes in small pieces, which glibc keeps for later.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    return bool(trim(ctypes.c_size_t(0)))
