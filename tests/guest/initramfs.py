# SPDX-License-Identifier: Apache-2.0
"""Builds the guest's root file system: tools, programs under test and kernel modules."""

import gzip
import lzma
import pathlib
import re
import shutil
import subprocess

from kernel_package import GuestError, piped, run

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = ("ip", "tc", "ethtool", "sysctl", "dash")
OPTIONAL_TOOLS = ("bpftool",)
# In this order, so that eth0 is the virtio_net and eth1 the e1000e interface. The parameters keep
# the drivers from creating interfaces that no test asked for.
MODULES = {"virtio_pci": "", "virtio_blk": "", "virtio_net": "", "e1000e": "", "veth": "",
           "tun": "", "dummy": "numdummies=0", "bonding": "max_bonds=0", "crc32c_generic": "",
           "nf_conntrack": "", "bridge": "", "8021q": "", "macvlan": ""}


def build(output, kernel, programs, extra_modules=(), settings=None, test_module=None):
    """Writes `output`; programs: {name below /opt/netchange: host path}, settings: {name: text}."""
    stage = output.parent / "root"
    for name in ("bin", "sbin", "lib", "lib64"):  # merged /usr, as Debian has it
        (stage / "usr" / name).mkdir(parents=True)
        (stage / name).symlink_to(f"usr/{name}")
    for name in ("busybox/bin", "dev", "etc/netchange", "modules", "opt/netchange", "proc",
                 "results", "run", "sys", "tmp"):
        (stage / name).mkdir(parents=True)
    copy(HERE / "init", stage / "init")
    copy(find("busybox", "busybox-static"), stage / "bin/busybox")
    run("cc", "-static", "-O2", "-o", stage / "sbin/exit_guest", HERE / "exit_guest.c")
    for tool in TOOLS + tuple(t for t in OPTIONAL_TOOLS if shutil.which(t)):
        add_program(stage, find(tool), f"/usr/sbin/{tool}")
    # dash and not busybox, whose shell runs its own ip and tc instead of the real ones.
    (stage / "bin/sh").symlink_to("../sbin/dash")
    for name, path in programs.items():
        add_program(stage, path, f"/opt/netchange/{name}")
    for name, text in (settings or {}).items():
        (stage / "etc/netchange" / name).write_text(text)
    add_modules(stage, kernel, {**MODULES, **dict.fromkeys(extra_modules, "")}, test_module)
    write_archive(stage, output)


def find(tool, package=None):
    path = shutil.which(tool)
    if not path:
        raise GuestError(f"{tool} is not installed (package {package or tool})")
    return pathlib.Path(path)


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy(source, target)
    except OSError as error:
        raise GuestError(f"cannot read {source}: {error.strerror}") from error


def add_program(stage, path, guest_path):
    """Copies a file and, when it is a dynamic executable, the libraries it needs."""
    copy(path, stage / guest_path[1:])
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
    for library in re.findall(r"(\S+) => not found", done.stdout):
        raise GuestError(f"{path} needs {library}, which this machine does not have")
    for library in re.findall(r"(?:^|=>)\s+(/\S+)", done.stdout, re.MULTILINE):
        # The same path as on the host, where the program's own search path finds it.
        if not (stage / library[1:]).exists():
            copy(library, stage / library[1:])


def add_modules(stage, kernel, wanted, test_module):
    dependencies = {}
    for line in (kernel.modules / "modules.dep").read_text().splitlines():
        path, needed = line.split(":")
        dependencies[module_name(path)] = (path, needed.split())
    built_in = {module_name(line)
                for line in (kernel.modules / "modules.builtin").read_text().splitlines()}
    load = {}  # file name -> parameters, in loading order
    for name, parameters in wanted.items():
        if name not in dependencies:
            if name not in built_in and name not in MODULES:  # not every kernel has all of those
                raise GuestError(f"kernel {kernel.release} has no module {name}")
            continue
        path, needed = dependencies[name]
        for file in [*reversed(needed), path]:
            target = module_name(file) + ".ko"
            if target not in load:
                load[target] = parameters if file == path else ""
                data = decompressed(kernel.modules / file)
                (stage / "modules" / target).write_bytes(data)
    if test_module:
        copy(test_module, stage / "modules/test.ko")
        load["test.ko"] = ""
    lines = [f"{file} {parameters}\n" for file, parameters in load.items()]
    (stage / "etc/netchange/modules").write_text("".join(lines))


def module_name(path):
    return pathlib.Path(path).name.split(".")[0].replace("-", "_")


def decompressed(path):
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    return piped(data, "zstd", "-dc") if path.suffix == ".zst" else data


def write_archive(stage, output):
    names = sorted(str(path.relative_to(stage)) for path in stage.rglob("*"))
    archive = run("cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0", cwd=stage,
                  input="\n".join(names).encode())
    output.write_bytes(gzip.compress(archive, compresslevel=1))
