"""The course's commands, one line each: `python -m classroom lab`, or `python course.py lab` without an environment.

Only the standard library is imported here: course.py reads a command line before anything is installed.
"""

import argparse
import sys


def nothing(options):
    """Check nothing beforehand."""


def lab_before(options):
    """Tell that the port is taken before anything is installed."""
    from classroom.commands import lab

    if options.port is not None:
        options.port = lab.choose_port(options.port)


def run_lab(options):
    """Open the lessons in JupyterLab."""
    from classroom.commands import lab

    return lab.main(port=options.port, browser=not options.no_browser)


def run_build(options):
    """Hand on to classroom.author.build."""
    from classroom.author import build

    return build.main(options.arguments)


def run_test(options):
    """Hand on to classroom.commands.testing."""
    from classroom.commands import testing

    return testing.main(options.arguments, exact=not options.loose)


def run_bench(options):
    """Hand on to classroom.commands.bench."""
    from classroom.commands import bench

    return bench.main(options.arguments)


def run_grade(options):
    """Hand on to classroom.commands.grade."""
    from classroom.commands import grade

    return grade.main(options.arguments)


def run_grade_class(options):
    """Hand on to classroom.group.run."""
    from classroom.group import run as grade_class

    return grade_class.main(options.arguments)


def run_report(options):
    """Hand on to classroom.report.page."""
    from classroom.report import page as report

    return report.main(options.arguments)


def run_audit(options):
    """Hand on to classroom.group.log."""
    from classroom.group import log as audit

    return audit.main(options.arguments)


def run_doctor(options):
    """Hand on to classroom.commands.doctor."""
    from classroom.commands import doctor

    return doctor.main()


#: Commands that read their own arguments; argparse would refuse a leading option.
OWN_ARGUMENTS = ("build", "grade", "bench", "grade-class", "report", "audit")


def parser():
    """Return the parser of all subcommands."""
    top = argparse.ArgumentParser(prog="course.py", description="A course on candidate generation, and its tools.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, help, run, before=nothing, **kwargs):
        sub = commands.add_parser(name, help=help, description=help, **kwargs)
        sub.set_defaults(run=run, before=before)
        return sub

    lab = add("lab", "open the lessons in JupyterLab", run_lab, lab_before)
    lab.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    lab.add_argument("--port", type=port_number, help="the port to serve on (default: 8888, or the next free one)")

    add("grade", "grade your own copy of a lesson: points and hints", run_grade, add_help=False)

    add("grade-class", "grade a folder of submissions, in a sandbox", run_grade_class, add_help=False)

    add("report", "make the page on what a class has not understood", run_report, add_help=False)

    add("audit", "look into the log of what was graded", run_audit, add_help=False)

    add("doctor", "say what is installed, what would fail and how to mend it", run_doctor)

    add("bench", "measure the claims, the published tables and the speed", run_bench, add_help=False)

    add("build", "build the notebooks from solutions/*/*.py", run_build, add_help=False)

    test = add("test", "run everything that CI runs", run_test)
    test.add_argument("--loose", action="store_true", help="do not compare bytes and printed numbers")
    test.add_argument("arguments", nargs="*", metavar="-- ...", help="more for pytest: course.py test -- -k lab")
    return top


def port_number(text):
    """Read a port, 1 to 65535."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def parse(argv):
    """Read a command line; a wrong one ends in argparse's message and exit code 2."""
    if argv and argv[0] in OWN_ARGUMENTS:
        options = parser().parse_args(argv[:1])
        options.arguments = argv[1:]
        return options
    return parser().parse_args(argv)


def main(argv=None):
    """Run one subcommand; return its exit code."""
    options = parse(sys.argv[1:] if argv is None else argv)
    return options.run(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
