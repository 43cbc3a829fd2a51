"""What real Jiras do wrong, at will: faults armed by code or over the control interface."""

from __future__ import annotations

from backbone.simulator.faults.board import Armed, FaultBoard, basic_user, fault_middleware
from backbone.simulator.faults.catalogue import FAULTS, FaultError, fault_names, read_fault
from backbone.simulator.faults.fault import Exchange, Fault

__all__ = [
    "FAULTS",
    "Armed",
    "Exchange",
    "Fault",
    "FaultBoard",
    "FaultError",
    "basic_user",
    "fault_middleware",
    "fault_names",
    "read_fault",
]
