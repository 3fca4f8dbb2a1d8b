"""The lesson table of README.md is what the lessons say of themselves."""

from pathlib import Path

import pytest

from classroom.author.lesson_table import BEGIN, END, lesson_table, updated_readme

ROOT = Path(__file__).resolve().parents[2]


def test_readme_is_up_to_date():
    """`python course.py build` would leave README.md as it is."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert updated_readme(readme, ROOT / "solutions") == readme


def test_links_lead_to_notebooks():
    """Each row links to a notebook that is there."""
    rows = lesson_table(ROOT / "solutions").splitlines()[2:]
    assert rows
    for row in rows:
        assert (ROOT / row.split("](")[1].split(")")[0]).is_file(), row


def test_an_opening_without_time_is_refused(tmp_path):
    """The error names the lesson and what its opening lacks."""
    (tmp_path / "L09_x").mkdir()
    (tmp_path / "L09_x" / "L09_x.py").write_text("# # Lesson 9. Do\n#\n# **You will** do. **Points:** 3.\n")
    with pytest.raises(ValueError, match="L09_x.py has no time"):
        lesson_table(tmp_path)


def test_electives_come_last(tmp_path):
    """They are numbered E1, E2, ... and stand below the lessons."""
    for name, kind in (("E01_a", "Elective 1"), ("L12_b", "Lesson 12")):
        (tmp_path / name).mkdir()
        opening = f"# # {kind}. Do it\n#\n# **You will** do. **Time:** 5 minutes. **Points:** 3.\n"
        (tmp_path / name / f"{name}.py").write_text(opening)
    rows = lesson_table(tmp_path).splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["12", "E1"]


def test_marks_are_needed(tmp_path):
    """A README without the marks is refused, not overwritten."""
    with pytest.raises(ValueError, match="must hold the lines"):
        updated_readme("hello", tmp_path)
    assert updated_readme(f"a\n{BEGIN}\nold\n{END}\nb\n", tmp_path).startswith(f"a\n{BEGIN}\n| | Lesson")
