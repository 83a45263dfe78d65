"""Compiles the kernel at run time with the NVRTC that PyTorch brings, and launches it: no toolchain is needed.

NVRTC: https://docs.nvidia.com/cuda/nvrtc/; the driver: https://docs.nvidia.com/cuda/cuda-driver-api/. Linux only.
"""

import ctypes
import functools
import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import c_int, c_longlong
from pathlib import Path

import torch

from timetravel.errors import TimetravelError

# Division and square root may be off by two units in the last place: AdamW takes 9,760 of each a step.
OPTIONS = ("--std=c++17", "--prec-div=false", "--prec-sqrt=false")
SHARED_A_BLOCK, CLOCK_RATE = 97, 13  # CU_DEVICE_ATTRIBUTE_...: bytes, kHz
SHARED, CARVEOUT = 8, 9  # CU_FUNC_ATTRIBUTE_... of shared memory
COMPILING = threading.Lock()


@contextmanager
def told() -> Iterator[None]:
    """Turn what a card, its driver or its memory complains of into one sentence (TimetravelError)."""
    try:
        yield
    except RuntimeError as error:
        full = isinstance(error, torch.cuda.OutOfMemoryError)
        reason = "it has too little free memory for so many nets at once" if full else str(error).partition("\n")[0]
        raise TimetravelError(
            f"Training on the card stopped: {reason.rstrip('.')}.",
            "Finished runs are kept: repeat the command to go on, with fewer seeds at once or --device cpu.",
        ) from error


@functools.cache
def nvrtc() -> ctypes.CDLL:
    """Return the NVRTC library of PyTorch's CUDA version; raises RuntimeError if there is none."""
    name = f"libnvrtc.so.{str(torch.version.cuda).partition('.')[0]}"
    spec = importlib.util.find_spec("nvidia")
    folders = map(Path, (spec.submodule_search_locations or ()) if spec else ())
    for place in (name, *(str(path) for folder in folders for path in sorted(folder.rglob(name)))):
        with suppress(OSError):
            return ctypes.CDLL(place)
    raise RuntimeError(f"{name}, which PyTorch's CUDA build brings, is not installed")


@functools.cache
def compiled(text: str, architecture: str) -> bytes:
    """Return a program's machine code for an architecture, as sm_90; raises RuntimeError with the compiler's words."""
    library, program = nvrtc(), ctypes.c_void_p()
    library.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"net.cu", 0, None, None)
    options = [option.encode() for option in (f"--gpu-architecture={architecture}", *OPTIONS)]
    failed = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    of, size = ("ProgramLog", "CUBIN")[not failed], ctypes.c_size_t()
    getattr(library, f"nvrtcGet{of}Size")(program, ctypes.byref(size))
    found = ctypes.create_string_buffer(size.value)
    getattr(library, f"nvrtcGet{of}")(program, found)
    library.nvrtcDestroyProgram(ctypes.byref(program))
    if failed:
        raise RuntimeError(f"the kernel can't be compiled for {architecture}: {found.value.decode()[:300]}")
    return found.raw


def call(name: str, *values: object) -> None:
    """Call the driver; raises RuntimeError with its reason."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise RuntimeError("there is no CUDA driver") from error
    if code := getattr(driver, name)(*values):
        reason = ctypes.c_char_p()
        driver.cuGetErrorString(code, ctypes.byref(reason))
        raise RuntimeError((reason.value or b"an unknown CUDA error").decode())


def attribute(number: int) -> int:
    """Return a CU_DEVICE_ATTRIBUTE of the current device."""
    found = c_int()
    call("cuDeviceGetAttribute", ctypes.byref(found), number, torch.cuda.current_device())
    return found.value


class Program:
    """A program on the current device. Its functions are launched with tensors, ints (32 bits) and ctypes' values."""

    def __init__(self, text: str, threads: int, shared_bytes: int) -> None:
        """Compile and load it; raises RuntimeError where this card can't run it."""
        self.threads, self.shared_bytes = threads, shared_bytes
        self.module = ctypes.c_void_p()
        major, minor = torch.cuda.get_device_capability()
        with COMPILING:
            code = compiled(text, f"sm_{major}{minor}")
        torch.cuda.current_stream().synchronize()  # makes PyTorch's context this thread's
        call("cuModuleLoadData", ctypes.byref(self.module), code)

    def launch(self, name: str, grid: tuple[int, int], *values: torch.Tensor | int | c_longlong) -> None:
        """Start a function on the current stream, allowed all the shared memory that it needs."""
        function = ctypes.c_void_p()
        call("cuModuleGetFunction", ctypes.byref(function), self.module, name.encode())
        call("cuFuncSetAttribute", function, SHARED, self.shared_bytes)
        call("cuFuncSetAttribute", function, CARVEOUT, 100)
        pointers = [ctypes.c_void_p(v.data_ptr()) if isinstance(v, torch.Tensor) else v for v in values]
        kinds = [c_int(v) if isinstance(v, int) else v for v in pointers]
        places = (ctypes.c_void_p * len(kinds))(*(ctypes.addressof(kind) for kind in kinds))
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        where = (*grid, 1, self.threads, 1, 1, self.shared_bytes)
        call("cuLaunchKernel", function, *where, stream, places, None)
