"""Millimetres, the unit of the network and of published data sets, against metres, the unit of everything else."""

MM_PER_M = 1000.0
