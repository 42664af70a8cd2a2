"""OpenSCAP takes along what a host lacks, and rules that apply to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhengyun.toolchain.openscap import loaded, without_platform

PLATFORM = '  <xccdf-1.2:platform idref="cpe:/o:debian:debian_linux:11"/>\n'


def test_rules_apply_to_any_system() -> None:
    rule = '  <xccdf-1.2:platform idref="#chrony"/>\n'
    assert without_platform(f"<a>\n{PLATFORM}{rule}</a>\n") == f"<a>\n{rule}</a>\n"


@pytest.mark.parametrize("rules", ["<a/>", PLATFORM * 2])
def test_rules_of_another_form_are_refused(rules: str) -> None:
    with pytest.raises(ValueError, match="platforms"):
        without_platform(rules)


def test_libraries_of_the_packages_alone_travel() -> None:
    lines = ["\tlibpcre.so.3 => /w/libpcre.so.3 (0x1)", "\tlibc.so.6 => /lib/libc.so.6 (0x2)", "\t/lib64/ld.so (0x3)"]
    assert loaded(lines, Path("/w")) == [Path("/w/libpcre.so.3")]


def test_library_that_no_package_brings_is_named() -> None:
    with pytest.raises(ValueError, match="libopendbx"):
        loaded(["\tlibopendbx.so.1 => not found"], Path("/w"))
