"""The words of Backbone as values: keys, snapshots, changes, synchronizations, problems."""

from __future__ import annotations
