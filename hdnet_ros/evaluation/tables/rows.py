"""Lines of the paper's tables from what the protocols find, in the units that the paper prints."""
from __future__ import annotations

from collections.abc import Mapping

from hdnet_ros.units import MM_PER_M

from ..protocols.results import Human36mResult, MupotsResult, PckResult
from .table import Row

SEQUENCES = 20
PERCENT = 100.0


def table1_row(label: str, result: Human36mResult) -> Row:
    """MRPE and its parts along x, y and z, mm."""
    error = result.overall.mrpe
    return Row(label, tuple(MM_PER_M * value for value in (error.total, error.x, error.y, error.z)))


def table2_row(label: str, result: MupotsResult) -> Row:
    """AP and then AR at 25, 20, 15 and 10 cm, %."""
    return Row(label, (*(PERCENT * each.ap for each in result.roots), *(PERCENT * each.ar for each in result.roots)))


def table3_row(label: str, result: MupotsResult) -> Row | None:
    """Absolute 3DPCK of matched people by sequence and on average, %; None without joints."""
    return sequence_row(label, result.absolute_matched)


def table4_row(label: str, result: MupotsResult) -> Row | None:
    """Absolute 3DPCK of matched people by joint and over all, %; None without joints."""
    return joint_row(label, result.absolute_matched)


def table5_row(label: str, result: MupotsResult) -> Row | None:
    """Root-relative 3DPCK of matched people by sequence and on average, %; None without joints."""
    return sequence_row(label, result.relative_matched)


def table6_row(label: str, human36m: Human36mResult | None, mupots: MupotsResult | None) -> Row:
    """MRPE along z on Human3.6M, mm, and AP at 25 cm on MuPoTS-3D, %; either may not have been measured."""
    return Row(label, (None if human36m is None else MM_PER_M * human36m.overall.mrpe.z,
                       None if mupots is None else PERCENT * mupots.roots[0].ap))


def sequence_row(label: str, pck: PckResult | None, figure: str = 'pck') -> Row | None:
    """'pck', 'auc' or 'matched' by sequence and on average, %; None without joints."""
    if pck is None:
        return None
    known: Mapping[str, float] = {each.sequence: getattr(each, figure) for each in pck.sequences}
    values = (*(known.get(f'TS{number}') for number in range(1, SEQUENCES + 1)), getattr(pck, figure))
    return Row(label, tuple(None if value is None else PERCENT * value for value in values))


def joint_row(label: str, pck: PckResult | None) -> Row | None:
    """3DPCK by group of joints and over all, %; None without joints."""
    return None if pck is None else Row(label, tuple(PERCENT * value for value in (*pck.groups, pck.pck)))
