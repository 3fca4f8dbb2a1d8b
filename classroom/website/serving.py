"""Show a folder on this machine alone, as a host of pages would: what can be compressed is."""

from __future__ import annotations

import gzip
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMPRESSED = {".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".wasm"}


class _Handler(SimpleHTTPRequestHandler):
    """Send files compressed where hosts do, and print nothing."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm", ".mjs": "text/javascript"}

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file() or path.suffix not in COMPRESSED or self.path.split("?")[0].endswith("//"):
            super().do_GET()
            return
        data = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def server(folder: Path) -> ThreadingHTTPServer:
    """Return a server of a folder on a free port of this machine, which whoever asks for it starts and stops."""
    return ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))


def show(folder: Path) -> int:
    """Serve a folder until Ctrl-C; return the exit code."""
    with server(folder) as running:
        print(f"http://127.0.0.1:{running.server_address[1]}/ (Ctrl-C ends it)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0
