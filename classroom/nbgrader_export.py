"""Plugins of `nbgrader export`: the course's own table, and those that Canvas and Moodle take (see nbgrader_config.py).

nbgrader's own joins texts by commas without quotes, leaves formulas as they are, and writes 0.0 for whoever has no
grade. `python course.py export-grades` makes the same tables and says more.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from classroom.common import CourseError, write_whole
from classroom.group.export import Grades, canvas_table, grades_of, grades_table, moodle_table
from classroom.group.filling import fill
from classroom.group.sheets import read_sheet


class CourseExport(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """A row for each lesson and student; who is not graded has no score, and a reason."""

    name = "grades.csv"

    roster = Unicode("", help="A CSV of who is in the class, from Canvas, Moodle or of your own.").tag(config=True)

    def export(self, gradebook: Any) -> None:
        """Write the table to `to`."""
        to = Path(self.to or self.name)
        try:
            write_whole(to, self.table(self._grades(gradebook)), mode=0o600)
        except (CourseError, OSError) as error:
            self.log.error("No grades were written: %s", error)
            sys.exit(1)
        self.log.info("Grades are in %s", to)

    def table(self, grades: Grades) -> bytes:
        """Return what the file holds."""
        return grades_table(grades).encode("utf-8-sig", "replace")

    def _grades(self, gradebook: Any) -> Grades:
        directory = self.parent.coursedir
        roster = [person for _, person in read_sheet(Path(self.roster)).people()] if self.roster else None
        lessons = [str(name) for name in self.assignment]
        grades = grades_of(gradebook, directory, Path(directory.root), lessons, roster)
        if not (wanted := {str(name) for name in self.student}):
            return grades
        students = {name: student for name, student in grades.students.items() if name in wanted}
        rows = [row for row in grades.rows if row.student_id in wanted]
        return dataclasses.replace(grades, rows=rows, students=students)


class PlatformExport(CourseExport):
    """What the tables for platforms have in common: the platform's own one can be filled in."""

    fill = Unicode("", help="The table that the platform gave out; without it one is made anew.").tag(config=True)
    so_far = Bool(False, help="Whether to give points also where others wait for a person.").tag(config=True)
    make: Callable[..., str]

    def table(self, grades: Grades) -> bytes:
        """Return what the file holds."""
        if not self.fill:
            return type(self).make(grades, so_far=self.so_far).encode("utf-8", "replace")
        sheet = read_sheet(Path(self.fill))
        filled = fill(sheet, grades, so_far=self.so_far)
        for why, names in filled.left.items():
            self.log.warning("not set for %s: %s", ", ".join(names), why)
        return sheet.encoded()


class CanvasExport(PlatformExport):
    """A table for Canvas's gradebook."""

    name = "grades-canvas.csv"
    make = staticmethod(canvas_table)


class MoodleExport(PlatformExport):
    """A table for Moodle's gradebook."""

    name = "grades-moodle.csv"
    make = staticmethod(moodle_table)
