"""Scores reading against the development corpus beside this project, and prints each scorer's table.

``python -m bench.accuracy [mail|documents|raster|eml ...]``: all by default. The corpus and its scorers stand
in ``../shared``; without them this says so and ends well, for they are no part of the project.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus"
SCORERS = {
    "mail": [["score_mail.py", str(CORPUS / "mail"), "{predictions}"]],
    "documents": [["score_documents.py", "{predictions}", "--gt", str(CORPUS / "documents" / "groundtruth.jsonl")]],
    "raster": [["score_documents.py", "{predictions}", "--gt", str(CORPUS / "documents" / "groundtruth.jsonl")]],
    "eml": [
        [name, "{predictions}"] for name in ("score_robust.py", "score_reply.py", "score_bounce.py", "score_auto.py")
    ],
}


def main(wanted: list[str]) -> int:
    """Predict and score each of ``wanted``; return 0 unless a scorer fails."""
    if not (SHARED / "tools").is_dir():
        print("The development corpus is not beside this project: accuracy was not measured.")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for what in wanted or list(SCORERS):
            predictions = Path(folder) / f"{what}.jsonl"
            buydesk = str(Path(sys.executable).with_name("buydesk"))
            _run("predict.py", what, str(predictions), "--buydesk", buydesk)
            for scorer in SCORERS[what]:
                print(f"\n## {what}: {scorer[0]}", flush=True)
                failed |= _run(*(part.format(predictions=predictions) for part in scorer))
    return failed


def _run(tool: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, str(SHARED / "tools" / tool), *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
