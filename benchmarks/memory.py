"""Memory of a cached case beside a cached empty workflow, each kind in a worker process of its own.

    python -m benchmarks.memory KIND DATA TEMPORAL_PORT COUNT

prints what one more of the kind adds to the process, in bytes of resident memory.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import psutil

from benchmarks.baselines import resting
from benchmarks.empty import EMPTY_QUEUE
from benchmarks.figures import Line, Ratio
from benchmarks.house_process import workers_of
from benchmarks.load import Openable, opened
from benchmarks.site import ROOT, RUN_MODULE, Site, bench_settings
from bootstrap import open_house
from models.messages.names import CASES_QUEUE

NAME = "memory"
BUDGET = 1.5
FIRST = 50
"""Opened before the first look: they pay for what is there once (statements, definitions, pools)."""
