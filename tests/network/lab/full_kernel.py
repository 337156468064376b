"""Run a command under a full Debian kernel, in an emulated machine that sees this one's files, read-only.

KVM is not asked for: where it is there it may be broken, and nothing here is in a hurry.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

KERNELS = Path("/boot")
AT_START = ("virtio_pci", "9pnet_virtio", "9p")
LATER = "overlay veth bridge macvlan vrf 8021q tun nf_tables nft_ct nft_nat"

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /root /dev
/bin/busybox mount -t devtmpfs devtmpfs /dev
exec >/dev/ttyS0 2>&1 </dev/null
for module in {modules}; do /bin/busybox insmod /modules/$module; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=512000,ro machine /root
/bin/busybox mount -t proc proc /root/proc
/bin/busybox mount -t sysfs sysfs /root/sys
/bin/busybox mount --move /dev /root/dev
/bin/busybox mount -t tmpfs tmpfs /root/run
exec /bin/busybox switch_root /root /bin/sh -c '
export PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/run
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
ip link set lo up
modprobe -a {later}
{command}
echo o >/proc/sysrq-trigger
while :; do sleep 60; done'
"""


def kernel() -> str | None:
    """The newest installed Debian kernel that can mount the machine's files."""
    found = sorted(path.name.removeprefix("vmlinuz-") for path in KERNELS.glob("vmlinuz-*-amd64"))
    able = [name for name in found if "CONFIG_9P_FS=m" in (KERNELS / f"config-{name}").read_text(encoding="ascii")]
    return able[-1] if able else None


def _modules(release: str) -> list[Path]:
    """What must be loaded, in order, before the machine's files are there."""
    told = subprocess.run(
        ["/usr/sbin/modprobe", "-S", release, "--show-depends", "-a", *AT_START],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(name) for name in dict.fromkeys(line.split()[1] for line in told.stdout.splitlines())]


def _archive(files: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive (newc), as the kernel takes it for its first root."""
    out = bytearray()
    for name, (mode, content) in {**files, "TRAILER!!!": (0, b"")}.items():
        fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        out += head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
    return bytes(out)


def run_under(release: str, command: str, folder: Path, memory: str = "3G") -> Iterator[str]:
    """Lines of the machine's console while `command` runs; it is switched off when the command has ended."""
    modules = _modules(release)
    init = INIT.format(modules=" ".join(path.name for path in modules), later=LATER, command=command)
    files = {"bin": (0o40755, b""), "modules": (0o40755, b""), "init": (0o100755, init.encode())}
    files["bin/busybox"] = (0o100755, Path("/bin/busybox").read_bytes())
    files.update({f"modules/{path.name}": (0o100644, path.read_bytes()) for path in modules})
    first_root = folder / "initrd"
    first_root.write_bytes(_archive(files))
    words = ["-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(os.cpu_count()), "-m", memory]
    words += ["-nographic", "-no-reboot", "-net", "none", "-kernel", f"{KERNELS}/vmlinuz-{release}"]
    words += ["-initrd", str(first_root), "-append", "console=ttyS0 panic=-1 loglevel=1"]
    words += ["-fsdev", "local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap"]
    words += ["-device", "virtio-9p-pci,fsdev=machine,mount_tag=machine"]
    process = subprocess.Popen(
        ["qemu-system-x86_64", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
    )
    try:
        yield from process.stdout or ()
    finally:
        process.kill()
        process.wait()
