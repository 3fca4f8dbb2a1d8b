"""nbgrader's settings for this course, read by its own commands and by `python -m classroom`.

Run nbgrader from this folder: `nbgrader autograde L03_three_measures` and the others work as they are.
"""

import os
import sys
import tempfile
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader puts it here)

# Folders: what a teacher writes, and what a learner gets. The rest keeps nbgrader's names.
c.CourseDirectory.course_id = "candidate-generation"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# nbgrader copies every file beside the notebook into the release: the .py holds the answers, shown/ what they drew.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py", "shown"]

# The release is generated, so it may be made again; submissions and grades are not touched by this.
c.GenerateAssignment.force = True
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("not solved yet: replace this line by your answer")',
}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# A learner who deleted a graded cell loses nothing: it comes back before grading.
c.OverwriteCells.add_missing_cells = True
# How `nbgrader zip_collect` reads names in an archive: as `python course.py collect` does, by what Moodle, Blackboard
# and Canvas write. For another platform, set c.FileNameCollectorPlugin.named_regexp: make sure that no part of it can
# match what a student wrote.
c.ZipCollectApp.collector_plugin = "classroom.nbgrader_collect.PlatformCollector"
c.ZipCollectApp.extractor_plugin = "classroom.nbgrader_collect.CarefulExtractor"

# Students' code runs in a sandbox, and is judged outside of it: ours stands where nbgrader's Execute would.
# `python course.py grade-class LESSON` does the same for a whole class, faster.
c.Autograde.autograde_preprocessors = [
    "classroom.nbgrader_execute.SandboxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "classroom.nbgrader_execute.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What nbgrader itself reads of a submission, and what its pages show, goes through processes that may die.
c.Autograde.exporter_class = "classroom.nbgrader_execute.SubmissionExporter"
c.HTMLExporter.filters = {
    "markdown2html": "classroom.rendering.markdown_to_html",
    "highlight_code": "classroom.rendering.code_to_html",
    "strip_files_prefix": "classroom.rendering.as_it_is",
}
c.Execute.timeout = 60
c.Execute.startup_timeout = 60
# No history file, and no line from each kernel about its sockets (they are on loopback, signed with a key).
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]
c.Validator.width = 200  # hints are sentences: do not cut them
c.LimitOutput.max_lines = 500
# Feedback pages tell the browser to run and load nothing of a student's.
c.GenerateFeedback.exporter_class = "classroom.nbgrader_feedback.FeedbackExporter"
# `nbgrader export` writes no 0 for who is not graded, and no name shifts a column. For a platform:
# `nbgrader export --exporter=classroom.nbgrader_export.CanvasExport`, or MoodleExport.
c.ExportApp.plugin_class = "classroom.nbgrader_export.CourseExport"

# What kernels started by nbgrader need. A line on stderr costs a graded cell its points, so Matplotlib gets a folder
# in which it can keep its font list. The gradebook calls `alembic`, which lives beside this Python.
if "MPLCONFIGDIR" not in os.environ:
    _folder = Path(__file__).resolve().parent / ".cache" / "matplotlib"
    try:
        _folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        _folder = Path(tempfile.mkdtemp(prefix="matplotlib-"))
    os.environ["MPLCONFIGDIR"] = str(_folder)
_bin = str(Path(sys.executable).parent)
if _bin not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([_bin, os.environ.get("PATH", "")]).rstrip(os.pathsep)

# Formgrader, which reads this in the server's process, shows only what may be a student's name, and the server
# opens nothing else that students handed in.
from classroom.nbgrader_formgrader import harden  # noqa: E402

harden(Path(__file__).resolve().parent)
