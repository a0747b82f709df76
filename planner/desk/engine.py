"""The papermill engine `seller-kernel`: one kernel runs all notebooks of one seller.

Kernel start and imports are paid once per seller. Before each notebook the kernel
is made as good as new: names, working folder, environment, options and random
state are those of its first moment; only imported modules stay. Its outputs are
those of papermill's own engine. Nothing here knows sellers or steps; papermill is
imported only in use, because papermill itself imports this module.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import random
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from planner.errors import RunError

if TYPE_CHECKING:
    from jupyter_client import AsyncKernelClient, AsyncKernelManager
    from nbformat import NotebookNode

ENGINE_NAME = "seller-kernel"
KERNEL_NAME = "python3"
KERNEL_ARGUMENTS = ("--IPKernelApp.log_level=50", "--HistoryManager.enabled=False")
"""No word about transport or shutdown on stderr, and no history file shared between kernels."""
START_ATTEMPTS = 2
"""A start can fail by a clash of ports; a second failure has another cause."""
START_SECONDS = 60
RENEW_SECONDS = 60
REMEMBER = "import planner.desk.engine as _engine; _engine.remember_start()"
RENEW = "import planner.desk.engine as _engine; _engine.renew(get_ipython())"


class SellerKernelEngine:
    """Runs notebooks one after another in one kernel, each as if in a new one.

    Registered with papermill under `ENGINE_NAME`; `close` ends the kernel.
    """

    _kernel: ClassVar[Kernel | None] = None

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        *,
        output_path: str | None = None,
        start_timeout: float = START_SECONDS,
        execution_timeout: int | None = None,
        **options: Any,
    ) -> NotebookNode:
        """Run a notebook and return it with its outputs, as papermill asks an engine to.

        Parameters
        ----------
        nb : NotebookNode
            The notebook, its parameters filled in.
        kernel_name : str
            Not used: the kernel is always the Python that runs this engine.
        output_path : str, optional
            Where the notebook is written once, at its end or where it broke.
        start_timeout, execution_timeout : float
            Longest start of the kernel and longest cell. [s]
        **options
            Further options of papermill and nbclient.

        Raises
        ------
        RunError
            If the kernel does not start.
        """
        from papermill.clientwrap import PapermillNotebookClient
        from papermill.engines import NotebookExecutionManager

        manager = NotebookExecutionManager(nb, progress_bar=False, autosave_cell_every=0)
        manager.notebook_start()
        try:
            kernel = cls._fresh_kernel(start_timeout)
            client = PapermillNotebookClient(
                manager,
                km=kernel.manager,
                timeout=execution_timeout,
                startup_timeout=start_timeout,
                **_client_options(options),
            )
            client.kc = kernel.client
            client.execute()
        except BaseException:
            cls.close()
            raise
        finally:
            manager.output_path = output_path
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """Return the kernel's name for papermill."""
        return name or KERNEL_NAME

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """Return the notebook's language for papermill."""
        return language or "python"

    @classmethod
    def close(cls) -> None:
        """End the kernel, if there is one."""
        kernel, cls._kernel = cls._kernel, None
        if kernel is not None:
            _run(lambda: _ended(kernel))

    @classmethod
    def _fresh_kernel(cls, start_timeout: float) -> Kernel:
        if cls._kernel is not None:
            try:
                _run(lambda: _told(cls._kernel.client, RENEW))
            except (RuntimeError, TimeoutError):
                cls.close()
        if cls._kernel is None:
            cls._kernel = _started_kernel(start_timeout)
            atexit.register(cls.close)
        return cls._kernel


class Kernel(NamedTuple):
    """A running kernel and the channels to it."""

    manager: AsyncKernelManager
    client: AsyncKernelClient


class FirstMoment(NamedTuple):
    """What a kernel's process was before its first notebook."""

    folder: str
    environment: dict[str, str]
    module_paths: list[str]
    warning_filters: list[Any]
    print_options: dict[str, Any]
    float_errors: dict[str, str]
    figure_template: str
    figure_renderer: str


_first: list[FirstMoment] = []


def remember_start() -> None:
    """Note, inside a kernel, what `renew` brings back.

    Notes
    -----
    The libraries whose settings are noted are imported first: what they set at import belongs
    to a new kernel too. Every notebook imports them anyway.
    """
    import numpy as np
    import pandas as pd  # noqa: F401
    import plotly.io as pio

    figure_template, figure_renderer = pio.templates.default, pio.renderers.default
    _first[:] = [
        FirstMoment(
            folder=str(Path.cwd()),
            environment=dict(os.environ),
            module_paths=list(sys.path),
            warning_filters=list(warnings.filters),
            print_options=np.get_printoptions(),
            float_errors=np.geterr(),
            figure_template=figure_template,
            figure_renderer=figure_renderer,
        )
    ]
    gc.freeze()  # what lives now lives on: collecting between notebooks need not look at it


def renew(shell: Any) -> None:
    """Make a kernel as good as new, from inside: all but the imported modules.

    Parameters
    ----------
    shell : InteractiveShell
        The kernel's shell.
    """
    _close_figures_and_widgets()
    shell.reset(new_session=True)
    first = _first[0]
    os.chdir(first.folder)
    os.environ.clear()
    os.environ.update(first.environment)
    sys.path[:] = first.module_paths
    _restore_options(first)
    warnings.resetwarnings()
    warnings.filters.extend(first.warning_filters)
    gc.collect()


def _close_figures_and_widgets() -> None:
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()


def _restore_options(first: FirstMoment) -> None:
    import numpy as np
    import pandas as pd
    import plotly.io as pio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pd.reset_option("all")
    np.set_printoptions(**first.print_options)
    np.seterr(**first.float_errors)
    np.random.seed()
    random.seed()
    pio.templates.default = first.figure_template
    pio.renderers.default = first.figure_renderer
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rc_file_defaults()


def _started_kernel(timeout: float) -> Kernel:
    failures = []
    for _ in range(START_ATTEMPTS):
        try:
            return _run(lambda: _started(timeout))
        except (RuntimeError, OSError) as problem:
            failures.append(" ".join(str(problem).split())[:200])
    raise RunError(f"the notebook kernel did not start, {START_ATTEMPTS} times: {failures[-1]}")


async def _started(timeout: float) -> Kernel:
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    this_python_only = KernelSpecManager(kernel_dirs=[])
    manager = AsyncKernelManager(kernel_name=KERNEL_NAME, kernel_spec_manager=this_python_only)
    await manager.start_kernel(extra_arguments=list(KERNEL_ARGUMENTS))
    kernel = Kernel(manager, manager.client())
    try:
        kernel.client.start_channels()
        await kernel.client.wait_for_ready(timeout=timeout)
        kernel.client.allow_stdin = False
        await _told(kernel.client, REMEMBER)
    except BaseException:
        await _ended(kernel)
        raise
    return kernel


async def _told(client: AsyncKernelClient, code: str) -> None:
    reply = await client.execute_interactive(
        code,
        silent=True,
        allow_stdin=False,
        timeout=RENEW_SECONDS,
        output_hook=lambda message: None,
    )
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")


async def _ended(kernel: Kernel) -> None:
    kernel.client.stop_channels()
    await kernel.manager.shutdown_kernel(now=True)


def _run(start: Callable[[], Any]) -> Any:
    """Run a coroutine on the event loop that nbclient uses, on which the channels live."""
    from jupyter_core.utils import run_sync

    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())

    async def once() -> Any:
        return await start()

    return run_sync(once)()


def _client_options(options: dict[str, Any]) -> dict[str, Any]:
    known = ("log_output", "stdout_file", "stderr_file", "store_widget_state", "coalesce_streams")
    return {name: value for name, value in options.items() if name in known}
