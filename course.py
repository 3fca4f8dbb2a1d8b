"""Run the course: `python course.py lab` is all a learner needs.

Makes the environment `.venv` beside this file, installs the course into it, and hands on to `python -m classroom`.
It is the only file that knows about virtual environments. It imports the standard library, and what keeps to it of
`classroom`, that only once the Python is known to be new enough: Python 3.6 must still be able to read this file, so
that an old Python gets a sentence and not a SyntaxError.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
OWN = os.path.join(ROOT, ".course")  # what the course writes for itself: lock, install log, Jupyter settings
WINDOWS = os.name == "nt"
BIN = os.path.join(VENV, "Scripts" if WINDOWS else "bin")
PYTHON = os.path.join(BIN, "python.exe" if WINDOWS else "python")
STAMP = os.path.join(VENV, "course-stamp.json")  # written last: this environment is complete, and for what
MARK = os.path.join(VENV, "course-installing")  # there while an install runs: found at the start, it was cut off
OLDEST = (3, 11)
WISHED = {"search"}  # extras that a command can do without
WHEELS = "faiss-cpu,usearch,numkong"  # what the extra "search" brings: from source they take a compiler and an hour
NEEDED_MB = {  # measured: see `doctor`
    "lab": 700,
    "lab,classroom": 750,
    "lab,bench,classroom,search": 1200,
    "lab,classroom,dev,search": 1400,
    "lab,classroom,site": 850,
    "lab,classroom,dev,search,site": 1500,
}


class Failed(Exception):
    """One sentence that says what went wrong and what to do."""


def main(argv):
    """Run one subcommand; return its exit code."""
    try:
        check_python()
        sys.path.insert(0, ROOT)
        from classroom.__main__ import COMMANDS, parse

        options = parse(argv)  # a typing error is told before anything is made
        options.before(options)
        make_ready(COMMANDS[options.command].extras)
        make_richer(COMMANDS[options.command].wished)
    except Failed as error:
        return say_failed(error)
    except OSError as error:
        from classroom.common import explain_os_error

        return say_failed(explain_os_error(error))
    except KeyboardInterrupt:
        sys.stderr.write("\ncourse: stopped; start it again and it goes on.\n")
        return 130
    return hand_on([PYTHON, "-m", "classroom"] + argv)


def say_failed(reason):
    """Print the one sentence a failure ends in; return the exit code."""
    sys.stdout.flush()
    sys.stderr.write(f"course: {reason}\n")
    return 1


def check_python():
    """Refuse a Python that is too old, and name a newer one if there is one."""
    if sys.version_info[:2] >= OLDEST:
        return
    sentence = "this course needs Python {}.{} or newer, and this is {}.{}".format(*(OLDEST + sys.version_info[:2]))
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    if newer:
        raise Failed("{}; try: {} course.py {}".format(sentence, newer[0], " ".join(sys.argv[1:])))
    raise Failed(sentence + "; get one from python.org and run course.py with it.")


# ---- the environment ----


def make_ready(extras):
    """Make or mend `.venv` so that it holds the course with these extras; do nothing if it does already."""
    wanted = fingerprint()
    if is_ready(wanted, extras):
        return
    os.makedirs(OWN, exist_ok=True)
    with locked():
        if is_ready(wanted, extras):  # another start has just done it
            return
        prepare(wanted, extras)


def make_richer(wished):
    """Add an extra that a command can do without; where that fails, say so once and go on."""
    if not wished or is_settled(wished):
        return
    with locked():
        if is_settled(wished):  # another start has just done it
            return
        stamp = read_stamp()
        print("Adding the search indexes that lesson 10 uses (once) ...")
        try:
            install(",".join([*stamp["extras"], wished]), PipProgress(False), wheels_only=True)
        except Failed as error:
            print(f"Left out: {error}")
            print("Everything else works; lesson 10 runs on exact search and says what it leaves out.")
            stamp["left_out"] = [*stamp.get("left_out", []), wished]
        else:
            stamp["extras"] = sorted([*stamp["extras"], wished])
        write(STAMP, json.dumps(stamp, indent=1))


def is_settled(wished):
    """Say whether an extra is installed, or was tried under this pyproject.toml and these constraints and left out."""
    stamp = read_stamp()
    return wished in stamp.get("extras", []) or wished in stamp.get("left_out", [])


def fingerprint():
    """Hash what decides the contents of the environment."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def read_stamp():
    """Return what the stamp says, or an empty dict."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
        return stamp if isinstance(stamp, dict) else {}
    except (OSError, ValueError):
        return {}


def is_ready(wanted, extras):
    """Say whether the environment is complete, of this place, and has these extras."""
    stamp = read_stamp()
    return (
        stamp.get("fingerprint") == wanted
        and set(extras.split(",")) <= set(stamp.get("extras", []))
        and is_usable(stamp)
        and not os.path.exists(MARK)
    )


def is_usable(stamp):
    """Say whether the environment's Python starts, and is the one, at the place, that the stamp names."""
    return stamp.get("root") == ROOT and stamp.get("python") is not None and venv_version() == stamp["python"]


def venv_version():
    """Return the version of the environment's Python as [major, minor], or None if it does not start."""
    ask = [PYTHON, "-I", "-S", "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        return [int(part) for part in subprocess.check_output(ask, stderr=subprocess.DEVNULL).split()]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def prepare(wanted, extras):
    """Create the environment if it is absent or broken, then install; leave nothing half made."""
    stamp = read_stamp()
    if os.path.exists(MARK):
        print("The last install was cut off: making the environment anew.")
        remove_venv()
    elif stamp and not is_usable(stamp):
        print("The environment was moved or its Python is gone: making it anew.")
        remove_venv()
    elif os.path.lexists(VENV) and not (os.path.isdir(VENV) and not os.path.islink(VENV) and not os.listdir(VENV)):
        version = venv_version()
        if version is None or tuple(version) < OLDEST:
            raise Failed(
                ".venv was not made by the course and {}; rename or remove it, then start again.".format(
                    "does not work" if version is None else "has Python {}.{}".format(*version)
                )
            )
    fresh = not os.path.lexists(VENV) or not os.listdir(VENV)
    if fresh:
        check_space(extras)
    kept = set(stamp.get("extras", [])) - WISHED  # what can be done without must not make the rest fail
    extras = ",".join(sorted(set(extras.split(",")) | kept))
    previous = signal.signal(signal.SIGTERM, stop_here)
    done = False
    try:
        if fresh:
            os.makedirs(VENV, exist_ok=True)
        open(MARK, "a").close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(STAMP)
        if fresh:
            print("Making the course's environment (about a minute, once) ...")
            create_venv()
        install(extras, PipProgress(fresh))
        write(
            STAMP,
            json.dumps(
                {"fingerprint": wanted, "extras": extras.split(","), "root": ROOT, "python": venv_version()}, indent=1
            ),
        )
        done = True
    finally:
        # A failed install into an environment of this run: remove it. Cut off in an older one: the mark stays, and the
        # next start makes it anew. Failed in an older one: the stamp is missing, and the next start installs again.
        if fresh and not done:
            remove_venv()
        elif done or not issubclass(sys.exc_info()[0] or Failed, KeyboardInterrupt):
            with contextlib.suppress(OSError):
                os.unlink(MARK)
        signal.signal(signal.SIGTERM, previous)


def stop_here(signum, frame):
    """Turn a request to end into the same clean-up as Ctrl-C."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def later_stops():
    """Hold Ctrl-C and a request to end until a new process is in our hands: else it would outlive us."""
    came = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def remove_venv():
    """Remove the environment: only this very folder, only if the course made it, never through a link."""
    if VENV != os.path.join(os.path.dirname(os.path.abspath(__file__)), ".venv") or os.path.islink(VENV):
        raise Failed(".venv is a link; remove it yourself, then start again.")
    if not (os.path.exists(MARK) or os.path.exists(STAMP) or not os.listdir(VENV)):
        raise Failed(".venv was not made by the course; rename or remove it, then start again.")
    open(MARK, "a").close()  # goes last, so that a removal that is cut off is taken up by the next start
    for name in set(os.listdir(VENV)) - {os.path.basename(MARK)}:
        path = os.path.join(VENV, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    os.unlink(MARK)
    os.rmdir(VENV)


def write(path, text):
    """Write a small file whole or not at all."""
    from pathlib import Path

    from classroom.common import write_whole

    write_whole(Path(path), text.encode())


@contextlib.contextmanager
def locked():
    """Let one start at a time change the environment."""
    with open(os.path.join(OWN, "lock"), "a+") as file:
        if not try_lock(file):
            print("Another course.py is installing; waiting for it ...")
            while not try_lock(file):
                time.sleep(0.5)
        yield


def try_lock(file):
    """Take the lock if it is free; it is given back when the file is closed, however that comes about."""
    try:
        if sys.platform == "win32":  # in these words mypy knows which of the two modules is there
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def check_space(extras):
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MB[extras]:
        raise Failed(
            f"the disk is nearly full: {free} MB are free and the install takes {NEEDED_MB[extras]}; "
            "free some space and start again."
        )


def clean_environment():
    """Return the environment variables for children: none that would send pip or Python elsewhere, `.venv` first."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")}
    env.update(
        PATH=BIN + os.pathsep + env.get("PATH", ""),  # nbgrader looks for alembic on PATH
        VIRTUAL_ENV=VENV,
        PYTHONNOUSERSITE="1",
    )
    return env


def create_venv():
    """Make an empty environment with pip in it."""
    run = subprocess.run(
        [sys.executable, "-m", "venv", VENV],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if run.returncode:
        text = run.stdout.decode("utf-8", "replace")
        if "ensurepip" in text and "No space left" not in text:
            raise Failed(
                "this Python cannot make environments; on Debian and Ubuntu run: apt install python3-venv, "
                "then start again."
            )
        raise Failed(explain_pip(text))


# ---- pip, made readable ----


def install(extras, progress, *, wheels_only=False):
    """Install the course with pip under constraints.txt; raise Failed with the cause if pip fails.

    With `wheels_only` nothing is compiled: a package without a wheel for this system fails at once.
    """
    command = [PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--retries", "2", "-c", "constraints.txt", "-e", f".[{extras}]"]
    if wheels_only:
        command += ["--only-binary", WHEELS]
    env = clean_environment()
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT"):
        env.pop(name, None)
    env.update(PIP_USER="0", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8")
    pip, lines = None, []
    try:
        with later_stops():
            pip = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        with progress:
            for raw in pip.stdout or ():
                line = raw.decode("utf-8", "replace").rstrip()
                lines.append(line)
                progress.see(line)
            code = pip.wait()
    finally:
        if pip is not None and pip.poll() is None:
            pip.terminate()
            pip.wait()
    if code:
        text = "\n".join(lines)
        sentence = explain_pip(text)
        with contextlib.suppress(OSError):
            write(os.path.join(OWN, "install.log"), text + "\n")
            sentence += " (pip's own words: .course/install.log)"
        raise Failed(sentence)
    progress.finish()


CAUSES = [
    (
        r"No space left on device|Errno 28\b|not enough space on the disk|Disk quota exceeded",
        "the disk is full; free some space and start again.",
    ),
    (
        r"requires a different Python|Requires-Python|requires Python",
        "a package does not support this Python ({}.{}); take one that constraints.txt was made for.".format(
            *sys.version_info[:2]
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "the package index was reached but its certificate was not trusted; "
        "behind a company proxy, set PIP_CERT to its certificate.",
    ),
    (
        r"NewConnectionError|ConnectTimeoutError|name resolution|Name or service not known|getaddrinfo failed"
        r"|Network is unreachable|Connection refused|ReadTimeoutError|ProxyError|Max retries exceeded"
        r"|ConnectionResetError|Read timed out|ConnectionError",
        "no network: pip could not reach the package index; go online and start again.",
    ),
    (r"Permission denied|Errno 13\b|Access is denied", "a file could not be written: permission denied."),
]


def explain_pip(text):
    """Say in one sentence why pip failed."""
    for pattern, sentence in CAUSES:
        if re.search(pattern, text):
            return sentence
    missing = re.search(r"No matching distribution found for (\S+)", text)
    if missing:
        return f"the package index has no {missing.group(1)} for this Python and this system."
    errors = [line for line in text.splitlines() if line.startswith("ERROR:")] or text.splitlines()[-1:]
    return "pip failed: {}".format(errors[0][len("ERROR: ") :] if errors else "it said nothing")


class PipProgress:
    """Condense what pip says into one live line (on a terminal) or a few lines (elsewhere)."""

    def __init__(self, fresh, stream=None):
        self.fresh = fresh
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()
        self.began = time.time()
        self.found = set()
        self.total = 0
        self.phase = "asking the package index"
        self.last_line = 0.0
        self.ended = threading.Event()
        self.ticker = threading.Thread(target=self.tick, daemon=True)

    def __enter__(self):
        self.ticker.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        self.ticker.join()
        if self.live:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def see(self, line):
        """Take in one line of pip's output."""
        words = line.split()
        if line.startswith("Collecting ") or line.lstrip().startswith("Requirement already satisfied: "):
            name = re.split(r"[<>=!~\[;(\s]", line.split("Collecting ")[-1].split("satisfied: ")[-1])[0]
            self.found.add(name)
            self.phase = f"collecting {name}"
        elif words[:1] == ["Downloading"] and len(words) > 1:
            self.phase = "downloading {}".format(words[1].rsplit("/", 1)[-1].split("-")[0])
        elif line.startswith("Installing collected packages:"):
            self.total = line.count(",") + 1
            self.phase = "unpacking"
        elif words[:3] == ["Installing", "build", "dependencies:"]:
            self.phase = "getting what builds the course"
        elif line.startswith("WARNING: Retrying"):
            self.phase = "the package index does not answer, trying again"

    def unpacked(self):
        """Count the packages that are in the environment."""
        lib = os.path.join(VENV, "Lib") if WINDOWS else os.path.join(VENV, "lib")
        count = 0
        for folder, folders, _ in os.walk(lib):
            if os.path.basename(folder) == "site-packages":
                return sum(name.endswith(".dist-info") for name in folders)
            folders[:] = [name for name in folders if name == "site-packages" or name.startswith("python")]
        return count

    def line(self):
        """Return the line to show now."""
        seconds = int(time.time() - self.began)
        if self.total and self.fresh:
            done = min(self.unpacked(), self.total)
            bar = "#" * (20 * done // self.total)
            return f"[{bar:<20}] {done} of {self.total} packages unpacked, {seconds} s"
        return f"{len(self.found)} packages so far, {self.phase}, {seconds} s"

    def tick(self):
        """Show the line: five times a second on a terminal, every ten seconds in a log."""
        while not self.ended.wait(0.2):
            now = time.time()
            if self.live:
                width = shutil.get_terminal_size().columns - 1
                self.stream.write("\r\x1b[K" + self.line()[:width])
                self.stream.flush()
            elif now - self.last_line >= 10:
                self.last_line = now
                self.stream.write("  " + self.line() + "\n")
                self.stream.flush()

    def finish(self):
        """Say that the install is complete."""
        self.stream.write(f"Installed in {int(time.time() - self.began)} s.\n")
        self.stream.flush()


# ---- handing on ----


def hand_on(command):
    """Run the command in place of this process (on Windows: wait for it)."""
    env = clean_environment()
    sys.stdout.flush()
    sys.stderr.flush()
    if not WINDOWS:
        os.execve(command[0], command, env)
    process = subprocess.Popen(command, env=env)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it too, and ends by itself
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
