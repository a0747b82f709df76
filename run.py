"""Set this project up and start it, with nothing but Python 3.11 to 3.13.

The first start makes `.venv` and installs `requirements.lock` into it, hashes
checked; later starts see an unchanged lock and go straight on. It knows no
campaign, table or report: it only starts `planner`, pytest, JupyterLab or a
benchmark. Only the standard library is used, and the file is readable to
older Pythons, so that they can say what is wrong.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 13)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV.joinpath(*(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
LOCK = ROOT / "requirements.lock"
PEERS_LOCK = ROOT / "requirements-bench.lock"
PEERS_STAMP = VENV / "bench.json"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "set-up.json"
UNFINISHED = ROOT / ".venv-unfinished"
HEARTBEAT_SECONDS = 15
DEMO = "demo-2025-peak"
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
"""How the whole suite is run; tests that are picked by hand run in one process."""

USAGE = """\
用法 / usage: python run.py COMMAND

  demo                    生成演示卖家的报告 / build the demo sellers' reports
  test [...]              运行全部测试(参数交给 pytest)/ run all tests (arguments go to pytest)
  lab                     在 JupyterLab 中打开笔记本 / open the notebooks in JupyterLab
  bench NAME [--short]    运行一项基准 / run one benchmark
  run CAMPAIGN [...]      其余命令交给 planner / anything else goes to planner
  planner --help          planner 的全部命令 / all commands of planner

首次启动会建立 .venv,约一分钟。/ The first start makes .venv and takes about a minute.
"""


def main(argv: list) -> int:
    """Return the exit code of the command that `argv` names.

    Parameters
    ----------
    argv : list of str
        The words after ``run.py``.
    """
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return _start_again_with_another_python(argv)
    set_up()
    command, rest = argv[0], argv[1:]
    if command == "demo":
        return _demo(rest)
    if command == "test":
        return _start(["-m", "pytest", *(rest or SIDE_BY_SIDE)], folder=ROOT)
    if command == "lab":
        return _start(["-m", "jupyterlab", str(ROOT / "notebooks"), *rest], folder=ROOT)
    if command == "bench":
        return _bench(rest)
    return _start(["-m", "planner", *(rest if command == "planner" else argv)])


def set_up() -> None:
    """Make `.venv` hold exactly what the lock says, unless it does already.

    A set-up that was interrupted leaves a marker behind and is done again from
    nothing; so is one made by another Python or in another folder. An
    environment that someone else made with this Python is kept and added to.
    """
    wanted = _wanted()
    found = _stamp()
    if found == wanted and VENV_PYTHON.exists() and not UNFINISHED.exists():
        return
    started = time.monotonic()
    keep = _can_be_kept(found, wanted)
    UNFINISHED.touch()
    uv = shutil.which("uv")
    if uv and not _install_with_uv(uv, keep):
        _tell("      uv 未成功,改用 pip / uv did not succeed; starting again with pip")
        uv, keep = None, False
    if not uv:
        _install_with_pip(keep)
    draft = STAMP.with_suffix(".tmp")
    draft.write_text(json.dumps(wanted), encoding="utf-8")
    draft.replace(STAMP)
    UNFINISHED.unlink()
    seconds = round(time.monotonic() - started)
    _tell(f"[3/3] 准备就绪,用时 {seconds} 秒 / ready after {seconds} s")


def _wanted() -> dict:
    return {
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256(PROJECT.read_bytes()).hexdigest(),
        "python": "{}.{}".format(*sys.version_info[:2]),
        "folder": str(VENV),
    }


def _stamp() -> dict:
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _can_be_kept(found: dict, wanted: dict) -> bool:
    if UNFINISHED.exists() or not VENV_PYTHON.exists():
        return False
    if found:
        return all(found.get(key) == wanted[key] for key in ("python", "folder"))
    words = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    return _answer([str(VENV_PYTHON), "-c", words]) == wanted["python"]


def _install_with_uv(uv: str, keep: bool) -> bool:
    install = [uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON), "--no-deps"]
    if not keep:
        _clear()
        _tell("[1/3] 建立环境 .venv / making .venv")
        if _run([uv, "venv", "--quiet", "--python", _base_python(), str(VENV)]):
            return False
    _tell("[2/3] 用 uv 安装依赖,约半分钟 / installing with uv, about half a minute")
    locked = ["--require-hashes", "--only-binary", ":all:", "--compile-bytecode", "-r", str(LOCK)]
    itself = ["--no-build-isolation", "-e", str(ROOT)]
    return _run([*install, *locked]) == 0 and _run([*install, *itself]) == 0


def _install_with_pip(keep: bool) -> None:
    if not keep:
        _clear()
        _tell("[1/3] 建立环境 .venv / making .venv")
        _must([_base_python(), "-m", "venv", str(VENV)])
    elif not _answer([str(VENV_PYTHON), "-m", "pip", "--version"]):
        _must([str(VENV_PYTHON), "-m", "ensurepip"])  # an environment that uv made has no pip
    _tell("[2/3] 用 pip 安装依赖,约一分钟 / installing with pip, about a minute")
    install = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    locked = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)]
    _must([*install, *locked])
    # setuptools came with the lock, so nothing unpinned is fetched to build the project itself.
    _must([*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])


def _clear() -> None:
    try:
        if VENV.exists():
            shutil.rmtree(str(VENV))
    except OSError as problem:
        sys.exit(
            f"无法删除旧的 .venv:{problem}\n请关闭正在使用它的程序(JupyterLab、编辑器)后重试。\n"
            f"Cannot remove the old .venv: {problem}\n"
            "Close what uses it (JupyterLab, an editor) and try again."
        )


def _base_python() -> str:
    # Started by .venv's own Python, a new .venv must still come from the one beneath it.
    return getattr(sys, "_base_executable", "") or sys.executable


def _must(command: list) -> None:
    if _run(command) != 0:
        sys.exit(
            "安装没有完成,原因见上面几行。常见原因是网络或代理:可用环境变量 PIP_INDEX_URL 指定"
            "镜像,再运行一次即可。\n"
            "Set-up did not finish; the lines above say why. Most often it is the network or a "
            "proxy:\nset PIP_INDEX_URL to a mirror that you can reach, and run the same command "
            "again."
        )


def _run(command: list) -> int:
    started = time.monotonic()
    with subprocess.Popen(command, cwd=str(ROOT), env=_environment()) as process:
        while True:
            try:
                return process.wait(timeout=HEARTBEAT_SECONDS)
            except subprocess.TimeoutExpired:
                _tell(f"      ... {round(time.monotonic() - started)} s")


def _environment() -> dict:
    # A PYTHONPATH made for another Python would put its packages before the locked ones.
    hidden = ("PYTHONPATH", "PYTHONHOME")
    here = {key: value for key, value in os.environ.items() if key not in hidden}
    here["PYTHONUTF8"] = "1"
    here["VIRTUAL_ENV"] = str(VENV)
    here["PATH"] = os.pathsep.join([str(VENV_PYTHON.parent), here.get("PATH", "")])
    here.setdefault("UV_PYTHON_DOWNLOADS", "never")
    if "PIP_INDEX_URL" in here:
        here.setdefault("UV_DEFAULT_INDEX", here["PIP_INDEX_URL"])
    return here


def _start(words: list, folder: Path = Path()) -> int:
    process = subprocess.Popen([str(VENV_PYTHON), *words], cwd=str(folder), env=_environment())
    # Ctrl-C reaches the child by itself, which may ask back (JupyterLab does); a kill must be told.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    return code if code >= 0 else 128 - code


def _demo(rest: list) -> int:
    code = _start(["-m", "planner", "run", DEMO, *rest])
    reports = Path(os.environ.get("PLANNER_HOME", str(ROOT))).resolve() / "reports" / DEMO
    pages = sorted(reports.glob("*/index.html"), key=lambda page: page.stat().st_mtime)
    if pages:
        print(f"在浏览器中打开 / open in a browser:\n  {pages[-1].as_uri()}")
    return code


def _bench(rest: list) -> int:
    names = sorted(module.stem for module in (ROOT / "benchmarks").glob("*.py") if _starts(module))
    if not rest or rest[0] not in names:
        asked = f"没有基准 {rest[0]} / no benchmark {rest[0]}. " if rest else ""
        _tell(f"{asked}可选 / choose one of: {', '.join(names)}")
        return 2
    _add_peers()
    return _start(["-m", f"benchmarks.{rest[0]}", *rest[1:]], folder=ROOT)


def _add_peers() -> None:
    """Install what the benchmarks compare with, unless it is there already."""
    wanted = hashlib.sha256(PEERS_LOCK.read_bytes()).hexdigest()
    if PEERS_STAMP.exists() and PEERS_STAMP.read_text(encoding="utf-8") == wanted:
        return
    _tell("      安装对比工具 / installing what the benchmarks compare with")
    locked = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(PEERS_LOCK)]
    uv = shutil.which("uv")
    install = [uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
    if not uv:
        install = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    if _run([*install, *locked]) == 0:
        PEERS_STAMP.write_text(wanted, encoding="utf-8")
    else:
        _tell(
            "      对比工具未装上,不参加比较 / not installed: they take no part in the comparison"
        )


def _starts(module: Path) -> bool:
    return '__name__ == "__main__"' in module.read_text(encoding="utf-8")


def _start_again_with_another_python(argv: list) -> int:
    for python in _other_pythons():
        found = _answer([*python, "-c", "import sys; print(sys.executable)"])
        if found:
            return subprocess.call([found, str(Path(__file__).resolve()), *argv])
    here = "{}.{}".format(*sys.version_info[:2])
    _tell(
        f"需要 Python 3.11、3.12 或 3.13;当前是 {here}({sys.executable}),也没有找到其他版本。\n"
        f"This needs Python 3.11, 3.12 or 3.13; this one is {here} ({sys.executable}) and no other "
        "was found.\n请安装其中一个版本后重试 / Install one of them and try again."
    )
    return 1


def _other_pythons() -> list:
    versions = [f"3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    launcher = shutil.which("py")
    found = [[shutil.which(f"python{version}")] for version in versions]
    found += [[launcher, f"-{version}"] for version in versions if launcher]
    return [command for command in found if command[0]]


def _answer(command: list) -> str:
    try:
        return subprocess.check_output(command, stderr=subprocess.DEVNULL).decode().strip()
    except (OSError, ValueError, subprocess.CalledProcessError):
        return ""


def _tell(text: str) -> None:
    # stderr writes what a console cannot show as escapes, stdout would raise.
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    # A console without Chinese shows "?" there instead of ending the program.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="replace")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
