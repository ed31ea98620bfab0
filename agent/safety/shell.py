"""What a line typed into a terminal would do: each command of it, the gravest counts."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"\|\||&&|[;|&\n]|\$\(|`|[<>]\(|[()]")
_WRITES = re.compile(r"(?<![0-9&<>])(?:[0-9]|&)?>(?!&)(?!\s*/dev/(?:null|std(?:out|err)))")
_BEFORE = frozenset("env nohup time nice ionice exec command builtin xargs then do else if while until watch timeout stdbuf setsid".split())
_ASSIGNS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_PROGRAMS: dict[str, frozenset[str]] = {
    "delete": frozenset(
        (
            "rm rmdir unlink shred dd mkfs wipefs truncate srm trash trash-put gio mv fdisk parted sgdisk blkdiscard kill "
            "killall pkill shutdown reboot poweroff halt dropdb userdel groupdel crontab del erase rd format diskpart"
        ).split()
    ),
    "install": frozenset(
        (
            "apt apt-get aptitude dpkg dnf yum rpm zypper pacman apk snap flatpak brew port pip pip3 pipx uv npm npx pnpm "
            "yarn gem cargo go conda mamba make curl wget sh bash zsh dash fish ksh python python3 perl ruby node php eval "
            "source . chmod msiexec winget choco powershell pwsh cmd wine xdg-open docker podman"
        ).split()
    ),
    "grant": frozenset(
        ("sudo su doas pkexec chown chgrp setfacl usermod visudo adduser useradd addgroup gpasswd setcap xhost ssh-copy- id runas").split()
    ),
    "settings": frozenset(
        (
            "systemctl service nmcli ip ifconfig iptables nft ufw firewall-cmd sysctl gsettings dconf update-alternatives "
            "mount umount modprobe ln export alias setx reg netsh hostnamectl timedatectl xfconf-query adb settings"
        ).split()
    ),
    "send": frozenset(
        ("mail mailx sendmail mutt scp sftp rsync ssh ftp nc ncat netcat telnet socat git gh svn hg curl wget aws gsutil az rclone").split()
    ),
    "credentials": frozenset(("passwd chpasswd ssh-keygen ssh-add gpg pass secret-tool security keyctl openssl").split()),
}
"""Programs by what they may do. What is named in none of them is a command all the same, of class `run`."""
_SECRET_PLACES = re.compile(r"\.ssh/|\.gnupg|\.aws/|id_rsa|id_ed25519|/etc/shadow|\.netrc|\.env\b|keyring|cookies\.sqlite", re.IGNORECASE)


def segments(line: str) -> tuple[str, ...]:
    """The commands of `line`: apart at pipes, lists, substitutions and line ends. Quotes count for nothing: what they hold may be run."""
    return tuple(part for piece in _BREAKS.split(line) if (part := piece.strip().strip("'\"")))


def shell_classes(line: str) -> frozenset[str]:
    """The risks of the commands in `line`, `run` always among them."""
    found = {"run"}
    for segment in segments(line):
        found |= _of_segment(segment)
    if _WRITES.search(line):
        found.add("delete")
    if _SECRET_PLACES.search(line):
        found.add("credentials")
    return frozenset(found)


def _of_segment(segment: str) -> set[str]:
    found: set[str] = set()
    for word in segment.split():
        bare = word.strip("'\"{}!").rpartition("/")[2].rpartition("\\")[2]
        if not bare or word.startswith("-") or _ASSIGNS.fullmatch(word) or bare in _BEFORE or bare.isdigit():
            continue
        program = bare.lower().removesuffix(".exe")
        kinds = {kind for kind, names in _PROGRAMS.items() if program in names or program.partition(".")[0] in names}
        found |= kinds
        if "grant" not in found:
            break
    return found
