"""Reads what another program computed, one folder a case."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest


@dataclass(frozen=True)
class Case:
    """One case: inputs and outputs by name."""

    folder: Path

    def sibling(self, name):
        return Case(self.folder.parent / name)

    def vector(self, name):
        return np.array([number(row["value"]) for row in self.rows(name)])

    def matrix(self, name):
        text = (self.folder / f"{name}.csv").read_text(encoding="utf-8")
        rows = list(csv.reader(text.splitlines()))
        return np.array([[number(cell) for cell in row[1:]] for row in rows[1:]])

    def rows(self, name):
        with (self.folder / f"{name}.csv").open(encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def values(self, name):
        return {row["measure"]: float(row["value"]) for row in self.rows(name)}

    def array(self, name, *columns):
        """Return a long table as an array, with the labels of each axis in order."""
        rows = self.rows(name)
        columns = columns or tuple(n for n in rows[0] if n not in ("value", "flow"))
        labels = [list(dict.fromkeys(row[c] for row in rows)) for c in columns]
        value = "value" if "value" in rows[0] else "flow"
        array = np.zeros([len(names) for names in labels])
        for row in rows:
            place = tuple(n.index(row[c]) for n, c in zip(labels, columns, strict=True))
            array[place] = float(row[value])
        return array, labels

    def square(self, name, value="flow"):
        """Return a long table of pairs as a matrix, areas in order of the origins."""
        rows = self.rows(name)
        areas = list(dict.fromkeys(row["orig"] for row in rows))
        matrix = np.zeros((len(areas), len(areas)))
        for row in rows:
            matrix[areas.index(row["orig"]), areas.index(row["dest"])] = float(row[value])
        return matrix, areas


def number(cell):
    return float("nan") if cell == "NA" else float(cell)


@pytest.fixture
def case(request, statistics_data):
    """Return the case named by the parameter, method/case."""
    return Case(statistics_data / "golden" / request.param)


@pytest.fixture
def forgotten(request, statistics_data):
    """Return a function: the cases of methods that no test of the module is given."""
    named = {
        argument
        for test in vars(request.module).values()
        for mark in getattr(test, "pytestmark", ())
        if mark.name == "parametrize"
        for argument in mark.args[1]
    }

    def cases_without_test(*methods):
        return {
            f"{method}/{folder.name}"
            for method in methods
            for folder in (statistics_data / "golden" / method).iterdir()
        } - named

    return cases_without_test
