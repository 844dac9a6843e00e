# SPDX-License-Identifier: Apache-2.0
"""Builds a kernel module for a guest's kernel, with that kernel's headers from the cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from kernel_package import Apt, GuestError, run, unpacked


def build(source, kernel, suite, cache):
    """The module (.ko) of the Kbuild directory `source`, from the cache if possible."""
    if not (source / "Kbuild").exists():
        raise GuestError(f"{source} has no Kbuild file")
    files = sorted([source / "Kbuild", *source.glob("*.[ch]")])
    content = b"".join(b"%s\0%s\0" % (f.name.encode(), f.read_bytes()) for f in files)
    tree = kernel.vmlinux.resolve().parent  # named after the image's package and version
    headers = tree.with_name(f"{tree.name}-headers")
    target = headers / "built" / f"{hashlib.sha256(content).hexdigest()[:16]}.ko"
    if not target.exists():
        if not headers.exists():
            unpack_headers(Apt(cache / "apt" / suite, suite), kernel.release, headers)
        compile_module(files, headers / "usr/src" / f"linux-headers-{kernel.release}", target)
    return target


def unpack_headers(apt, release, target):
    packages = apt.packages(f"linux-headers-{release}", "headers|kbuild")
    libc = ("libc6", apt.show("libc6")["Version"])
    with unpacked(apt, [*packages, libc], target) as tree:
        makefile = tree / "usr/src" / packages[0][0] / "Makefile"
        # It names directories in /usr/src, where nothing is installed.
        makefile.write_text(makefile.read_text().replace("/usr/src/", "../"))
        for pattern in ("objtool.real-x86", "modpost.real-lsb-64"):
            for tool in tree.glob(f"usr/lib/linux-kbuild-*/**/{pattern}"):
                run_with_its_libc(tool, tree)


def run_with_its_libc(tool, tree):
    """Replaces programs that need a newer C library than the host's by a script."""
    linked = subprocess.run(["ldd", tool], capture_output=True, text=True, check=False)
    if "not found" not in linked.stderr + linked.stdout:
        return
    loader = next(tree.glob("**/x86_64-linux-gnu/ld-linux-x86-64.so.2"))
    libraries = os.path.relpath(loader.parent, tool.parent)
    tool.rename(tool.with_name(f"{tool.name}.elf"))
    tool.write_text(f"""#!/bin/sh
libraries=$(dirname "$0")/{libraries}
exec "$libraries/{loader.name}" --library-path "$libraries" "$0.elf" "$@"
""")
    tool.chmod(0o755)


def compile_module(files, headers, target):
    target.parent.mkdir(exist_ok=True)
    # Inside the target, so that the complete directory can be renamed.
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        for file in files:
            shutil.copy(file, name)
        make(headers, name)
        modules = list(Path(name).glob("*.ko"))
        if len(modules) != 1:
            raise GuestError(f"{files[0]} makes {len(modules)} modules instead of one")
        run("strip", "--strip-debug", modules[0])
        modules[0].rename(target)


def make(headers, directory):
    # The headers name their own compiler version, BTF would need pahole, and without carets
    # each message of the compiler is one line.
    compiler = Path(__file__).resolve().with_name("kernel_cc")
    command = ["make", "-C", str(headers), f"M={directory}", f"CC={compiler}",
               "CONFIG_DEBUG_INFO_BTF_MODULES=", "KCFLAGS=-fno-diagnostics-show-caret", "modules"]
    # Removes an outer make's options, and avoids translated messages (Kbuild drops LC_ALL).
    dropped = ("MAKEFLAGS", "MAKELEVEL", "LC_ALL")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              check=False, text=True, errors="replace",
                              env={**environment, "LC_MESSAGES": "C"})
    except FileNotFoundError as error:
        raise GuestError("command make is not installed") from error
    if done.returncode != 0:
        lines = [line.replace(f"{directory}/", "") for line in done.stderr.splitlines()
                 if line and not line.startswith("make")]
        errors = [line for line in lines if re.search(r"(?i)\berror\b", line)]
        raise GuestError(f"the test module does not build: {'; '.join((errors or lines)[-3:])}")
