# SPDX-License-Identifier: Apache-2.0
"""Fetches a Debian kernel package and keeps its ELF image and modules in a cache directory."""

import contextlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass

DEFAULT_CACHE = (pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
                 / "netchange_exporter" / "kernels")


# depmod, ip and others are here, but not every user has it in PATH.
os.environ["PATH"] += ":/usr/sbin:/sbin"


class GuestError(Exception):
    """A failure that is reported in one line on stderr, without a stack trace."""


class Unavailable(GuestError):
    """A kernel of a moving suite is no longer available, or the suite cannot be reached."""


@dataclass
class Kernel:
    vmlinux: pathlib.Path
    modules: pathlib.Path  # .../lib/modules/<release>

    @property
    def release(self):
        return self.modules.name


def run(*command, **options):
    """Returns the command's stdout; a failure becomes a GuestError with its last line."""
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **options)
    except FileNotFoundError as error:
        raise GuestError(f"command {command[0]} is not installed") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise GuestError(f"{pathlib.Path(command[0]).name} failed: {lines[-1] if lines else ''}")
    return done.stdout


def fetch(suite, package="linux-image-amd64", cache=DEFAULT_CACHE):
    """The kernel that meta package `package` of `suite` depends on, from the cache if present."""
    current = cache / f"{suite}-{package}"
    if not (current / "vmlinux").exists():
        target = fetch_newest(suite, package, cache)
        current.unlink(missing_ok=True)
        current.symlink_to(target.name)
    return kernel_in(current.resolve())


def fetch_version(suite, version, package="linux-image-amd64", cache=DEFAULT_CACHE):
    """The kernel with exactly this version, from the cache or from the suite."""
    for directory in cache.glob(f"linux-image-*_{version}"):
        if (directory / "vmlinux").exists():
            return kernel_in(directory)
    try:
        newest = newest_version(suite, package, cache)
    except GuestError as error:
        raise Unavailable(f"{suite}'s kernel {version} is not in {cache}, and {error}") from error
    if newest != version:
        raise Unavailable(f"{suite}'s kernel {version} can no longer be fetched ({suite} has "
                          f"{newest} now), and it is not in {cache}")
    return kernel_in(fetch_newest(suite, package, cache))


def newest_version(suite, package="linux-image-amd64", cache=DEFAULT_CACHE):
    apt = Apt(cache / "apt" / suite, suite)
    apt.update()
    return apt.show(package)["Version"]


def fetch_newest(suite, package="linux-image-amd64", cache=DEFAULT_CACHE):
    """The directory with the current dependencies of `package`; unpacks them if missing."""
    apt = Apt(cache / "apt" / suite, suite)
    names = apt.kernel_packages(package)
    target = cache / "_".join(names[0])
    if not (target / "vmlinux").exists():
        unpack(apt, names, target)
    return target


def kernel_in(directory):
    return Kernel(directory / "vmlinux", modules_directory(directory))


class Apt:
    """apt with its own directories, for other suites. Does not change the system."""

    def __init__(self, directory, suite):
        self.suite = suite
        self.directory = directory
        for name in ("sources", "state/lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        (directory / "status").touch()
        settings = {
            "APT::Architecture": "amd64", "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": directory / "sources", "Dir::State": directory / "state",
            "Dir::State::status": directory / "status", "Dir::Cache": directory / "cache"}
        self.options = [f"-o{key}={value}" for key, value in settings.items()]

    def update(self):
        write_sources(self.directory / "sources", self.suite)
        run("apt-get", *self.options, "update")

    def show(self, package):
        try:
            text = run("apt-cache", *self.options, "show", "--no-all-versions", package).decode()
        except GuestError as error:
            raise GuestError(f"{self.suite} has no package {package}, or its list could not be "
                             f"fetched ({error})") from error
        return dict(line.split(": ", 1) for line in text.splitlines() if re.match(r"\S+: ", line))

    def packages(self, first, kinds):
        """[(name, version)...] of `first` and the linux-<kind>-<number> packages it needs."""
        self.update()
        found, waiting = [], [first]
        while waiting:
            name = waiting.pop(0)
            fields = self.show(name)
            found.append((name, fields["Version"]))
            pattern = rf"linux-(?:{kinds})-\d[^\s,]*"
            waiting += [other for other in re.findall(pattern, fields.get("Depends", ""))
                        if other not in waiting and other not in dict(found)]
        return found

    def kernel_packages(self, meta):
        """[(name, version)...] of the image; in newer suites it is split into several packages."""
        found = self.packages(meta, "image|binary|modules|base")[1:]
        if not found:
            raise GuestError(f"package {meta} of {self.suite} depends on no kernel image")
        return found

    def download(self, packages, directory):
        run("apt-get", *self.options, "download", *(f"{n}={v}" for n, v in packages), cwd=directory)


def write_sources(directory, suite):
    """Copies the machine's apt sources, with the name of its Debian suite replaced."""
    release = pathlib.Path("/etc/os-release").read_text()
    own = re.search(r"^VERSION_CODENAME=\"?(\w+)", release, re.MULTILINE)
    if not own:
        raise GuestError("/etc/os-release names no VERSION_CODENAME, so apt's suite is unknown")
    # sid has neither updates nor security suites.
    suffixes = ("",) if suite == "sid" else ("", "-updates", "-security")
    renamed = {own[1] + suffix: suite + suffix for suffix in suffixes}
    files = [pathlib.Path("/etc/apt/sources.list"),
             *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]
    lines, stanzas = [], []
    for text, suffix in [(f.read_text(), f.suffix) for f in files if f.is_file()]:
        if suffix == ".list":
            for line in text.splitlines():
                entry = re.match(r"(deb\s+(?:\[.*?\]\s+)?\S+\s+)(\S+)(.*)", line)
                if entry and entry[2] in renamed:
                    lines.append(entry[1] + renamed[entry[2]] + entry[3])
        elif suffix == ".sources":
            for stanza in re.split(r"\n\s*\n", text):
                field = re.search(r"^Suites:(.*)$", stanza, re.MULTILINE)
                suites = [renamed[s] for s in field[1].split() if s in renamed] if field else []
                if suites:
                    stanzas.append(stanza.replace(field[0], "Suites: " + " ".join(suites)))
    if not lines and not stanzas:
        raise GuestError(f"no apt source of this machine is for its own suite, {own[1]}")
    (directory / "kernel.list").write_text("\n".join(lines) + "\n")
    (directory / "kernel.sources").write_text("\n\n".join(stanzas) + "\n")


@contextlib.contextmanager
def unpacked(apt, packages, target):
    """A directory with the packages' files. It becomes `target` at the end of the block."""
    # Renamed only when complete, so that an interrupted run leaves no incomplete directory.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="unpack.") as name:
        work = pathlib.Path(name)
        apt.download(packages, work)
        for package in work.glob("*.deb"):
            run("dpkg-deb", "-x", package, work / "tree")
            package.unlink()
        yield work / "tree"
        shutil.rmtree(target, ignore_errors=True)
        (work / "tree").rename(target)


def unpack(apt, packages, target):
    with unpacked(apt, packages, target) as tree:
        images = [*tree.glob("boot/vmlinuz-*"), *tree.glob("usr/lib/modules/*/vmlinuz")]
        if len(images) != 1:
            raise GuestError(f"package {packages[0][0]} has {len(images)} kernel images, not one")
        (tree / "vmlinux").write_bytes(elf_image(images[0].read_bytes()))
        modules = modules_directory(tree)
        if not (modules / "modules.dep").exists():  # Debian writes it when a package is installed
            base = modules.parents[2]
            run("depmod", "-b", base, modules.name)


def modules_directory(tree):
    for directory in (tree / "lib" / "modules", tree / "usr" / "lib" / "modules"):
        if directory.is_dir():
            return next(directory.iterdir())
    raise GuestError(f"no modules directory below {tree}")


def elf_image(vmlinuz):
    """The ELF file inside a bzImage: it boots without the slow decompression in the guest."""
    decompressors = {
        b"\xfd7zXZ\0": lambda data: lzma.LZMADecompressor().decompress(data),
        b"\x1f\x8b\x08": lambda data: zlib.decompressobj(31).decompress(data),
        b"\x02\x21\x4c\x18": lambda data: piped(data, "lz4", "-dc"),
        b"\x28\xb5\x2f\xfd": lambda data: piped(data, "zstd", "-dc")}
    for magic, decompress in decompressors.items():
        for match in re.finditer(re.escape(magic), vmlinuz):
            try:
                image = decompress(vmlinuz[match.start():])
            except (lzma.LZMAError, zlib.error):
                continue  # the magic's bytes can also occur by chance
            if image.startswith(b"\x7fELF"):
                return image
    raise GuestError("no xz, gzip, lz4 or zstd compressed ELF image in the kernel")


def piped(data, *command):
    # The tools fail on the bytes after the stream, so we check only their output.
    try:
        return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False).stdout
    except FileNotFoundError as error:
        raise GuestError(f"command {command[0]} is not installed") from error
