from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from hdnet_ros.node.memory import give_back_memory

# Small pieces, of which the last stays: the C library cannot shrink its heap by itself then.
_HOLD_AND_FREE = """
import ctypes
from hdnet_ros.node.memory import give_back_memory

def resident_mb():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096 / 1e6

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
pieces = [libc.malloc(ctypes.c_size_t(50_000)) for _ in range(4000)]
for piece in pieces:
    ctypes.memset(piece, 1, 50_000)
for piece in pieces[:-1]:
    libc.free(piece)
held = resident_mb()
print(give_back_memory(), held - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='only glibc can')
def test_what_was_freed_goes_back_to_the_system():
    out = subprocess.run([sys.executable, '-c', _HOLD_AND_FREE], check=True, capture_output=True, text=True).stdout
    gave, released_mb = out.split()
    assert gave == 'True' and float(released_mb) > 150


def test_other_c_libraries_are_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, 'CDLL', lambda name: object())
    assert give_back_memory() is False
