"""The labelling standard: complete, reversible, and fit for the services that carry it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from province.cloud import Zone
from province.code import CODE_PATTERN
from province.naming import Kind
from province.province import Province
from province.standard import (
    LABEL_KEYS,
    Description,
    Labels,
    ObjectCode,
    description,
    object_code,
    parse_description,
    parse_metadata,
    parse_object_code,
    parse_tags,
    region_labels,
    server_name,
    system_labels,
)
from province.system import DataClass

codes = st.from_regex(CODE_PATTERN, fullmatch=True)
labels = st.builds(
    Labels,
    division=codes,
    department=codes,
    system=codes,
    zone=codes,
    mlps=codes,
    data_class=codes,
    responsible=codes,
    supervising=codes,
)


@given(labels)
def test_parse_is_the_inverse_of_format(given_labels: Labels) -> None:
    assert parse_metadata(given_labels.as_metadata()) == given_labels
    assert parse_tags(given_labels.as_tags()) == given_labels


@given(labels, st.sampled_from(LABEL_KEYS))
def test_a_missing_label_is_noticed(given_labels: Labels, key: str) -> None:
    metadata = given_labels.as_metadata()
    del metadata[key]
    assert parse_metadata(metadata) is None


def test_others_tags_are_not_ours(lab: Province) -> None:
    ours = system_labels(lab, lab.systems["gdbos"])
    assert parse_tags([*ours.as_tags(), "owner=someone", "zone"]) == ours


def test_labels_name_the_owners_of_the_department(lab: Province) -> None:
    made = system_labels(lab, lab.systems["zct"])
    assert (made.department, made.responsible, made.supervising) == ("gxt", "gxt-it", "gxt-sec")
    assert (made.division, made.zone, made.mlps, made.data_class) == ("440100", "internet", "2", "general")


def test_the_operator_answers_for_the_platform(lab: Province) -> None:
    made = region_labels(lab, "gz", Zone.EXCHANGE)
    assert made == replace(made, department="zsj", system="platform", zone="exchange", division="440100")


def test_labels_fit_their_services(lab: Province) -> None:
    """Neutron tags: 255 characters, no comma; Nova metadata: 255 each side."""
    for system in lab.systems.values():
        for tag in system_labels(lab, system).as_tags():
            assert len(tag) <= 60
            assert "," not in tag


def test_names_and_descriptions(lab: Province) -> None:
    gdbos = lab.systems["gdbos"]
    assert server_name(gdbos, "web", 1) == "gd-gdbos-web-1"
    assert description(gdbos) == "一网通办 · 公用网络区 · 等保3级 · 重要数据"


names = st.text(min_size=1).map(str.strip).filter(bool)
descriptions = st.builds(
    Description,
    name=names | st.just("甲 · 公用网络区 · 等保3级 · 重要数据"),
    zone=st.sampled_from(Zone),
    mlps_level=st.integers(1, 4),
    data_class=st.sampled_from(DataClass),
)


@given(descriptions)
def test_descriptions_are_read_back_whatever_the_name_holds(given_one: Description) -> None:
    assert parse_description(str(given_one)) == given_one


@pytest.mark.parametrize("text", ["", "甲", "甲 · 乙 · 等保3级 · 重要数据", "甲 · 公用网络区 · 等保9级 · 重要数据"])
def test_other_texts_are_no_descriptions(text: str) -> None:
    assert parse_description(text) is None


divisions = st.from_regex(r"[1-9][0-9]{5}", fullmatch=True)
object_codes = st.builds(ObjectCode, divisions, codes, codes, st.sampled_from(Kind), codes)


@given(object_codes)
def test_codes_are_read_back_without_an_inventory(given_one: ObjectCode) -> None:
    assert parse_object_code(str(given_one)) == given_one


@pytest.mark.parametrize("text", ["", "440100:gxt:zct:server", "44:gxt:zct:server:x", "440100:gxt:zct:thing:x"])
def test_other_texts_are_no_codes(text: str) -> None:
    assert parse_object_code(text) is None


def test_code_of_a_server(lab: Province) -> None:
    labels_of_zct = system_labels(lab, lab.systems["zct"])
    code = object_code(labels_of_zct, Kind.SERVER, "gz-zct-web-1")
    assert str(code) == "440100:gxt:zct:server:gz-zct-web-1"
