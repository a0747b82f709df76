"""A generated corpus of broken exports, each with a promised outcome, read through the scorer.

The generator and the scorer lie beside the project and are no part of it. The short form takes
250 files of one seed; CORPUS_FILES=10000 asks for the long one, CORPUS_SEED for another seed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT.parent / "shared" / "tools" / "badinputs"
SHORT_FILES = 250
SHORT_SEED = 2026
LONG_FILES = int(os.environ.get("CORPUS_FILES", "0"))
LONG_SEED = int(os.environ.get("CORPUS_SEED", "20261111"))

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(
        not (TOOLS / "make.py").is_file(),
        reason="the generator of broken exports is not beside the project (../shared/tools)",
    ),
]


def made(folder: Path, *, files: int, seed: int) -> Path:
    """Return a corpus; with a clean file of each kind first, then each named damage, then mixes."""
    command = [sys.executable, str(TOOLS / "make.py"), "--out", str(folder)]
    command += ["--n", str(files), "--seed", str(seed)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def thinned(corpus: Path, *, files: int, seed: int) -> Path:
    """Return the corpus with that many of its files left, chosen by the seed."""
    manifest = corpus / "manifest.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    said["entries"] = random.Random(seed).sample(said["entries"], files)
    manifest.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return corpus


def broken_promises(corpus: Path) -> list[dict]:
    """Return the files on which the reader did something else than promised."""
    command = [sys.executable, str(TOOLS / "score.py"), str(corpus), "bad_inputs", "--jobs", "2"]
    place = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run(command, cwd=corpus, env=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads((corpus / "result_bad_inputs.json").read_text(encoding="utf-8"))
    entries = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["entries"]
    assert len(told) == len(entries)
    return [one for one in told if one["faults"]]


def test_every_file_of_the_corpus_is_read_as_promised(tmp_path: Path):
    corpus = made(tmp_path / "corpus", files=600, seed=SHORT_SEED)
    thinned(corpus, files=SHORT_FILES, seed=SHORT_SEED)
    assert broken_promises(corpus) == []


@pytest.mark.slow
@pytest.mark.skipif(not LONG_FILES, reason="asked for by CORPUS_FILES=10000")
def test_ten_thousand_files_of_fresh_seeds_are_read_as_promised(tmp_path: Path):
    corpus = made(tmp_path / "corpus", files=LONG_FILES, seed=LONG_SEED)
    assert broken_promises(corpus) == []
    shutil.rmtree(corpus)


def test_the_scorer_sees_a_reader_that_takes_everything(tmp_path: Path):
    corpus = thinned(made(tmp_path / "corpus", files=40, seed=SHORT_SEED), files=20, seed=1)
    said = {"outcome": "accept", "rows_in": 40, "rows_kept": 40, "rows_rejected": 0}
    said |= {"kept_minor": 0, "units_by_day": {}, "rejects": []}
    careless = tmp_path / "bad_inputs.py"
    careless.write_text(f"def ingest(path, context):\n    return {said!r}\n", encoding="utf-8")
    command = [sys.executable, str(TOOLS / "score.py"), str(corpus), "bad_inputs"]
    place = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run(command, cwd=tmp_path, env=place, check=True, capture_output=True)
    told = json.loads((corpus / "result_bad_inputs.json").read_text(encoding="utf-8"))
    assert all(one["faults"] for one in told)
