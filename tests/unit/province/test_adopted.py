"""The file that adoption writes means what was read, whatever a city's people have called their things."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from province.adopted import AdoptedObject, AdoptedOwner, AdoptedProject, as_file
from province.cloud import Zone
from province.document import read_document
from province.province import Province
from province.standard import adopted_labels
from province.system import DataClass

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
NAMES = TEXTS.filter(lambda text: text == text.strip())
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.builds(
    AdoptedObject,
    kind=st.just("openstack:networking/network:Network"),
    name=NAMES,
    id=NAMES,
    tags=st.lists(NAMES, max_size=3).map(tuple),
    inputs=st.dictionaries(st.sampled_from(["name", "cidr", "metadata", "mtu"]), VALUES),
)


@given(name=NAMES, objects=st.lists(OBJECTS, min_size=1, max_size=3))
def test_the_file_reads_back_as_what_was_written(name: str, objects: list[AdoptedObject]) -> None:
    project = AdoptedProject(code="old", name=name, region="gd", project_id="1e3", objects=tuple(objects))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "old.yaml"
        path.write_text(as_file(project), encoding="utf-8")
        document = read_document(path, "old.yaml")
    assert document is not None
    assert AdoptedProject.model_validate({"code": "old", **document.plain()["adopted"]["old"]}) == project


def test_labels_come_with_the_owner(lab: Province) -> None:
    one = AdoptedObject(kind="openstack:networking/network:Network", name="net", id="2", inputs={})
    held = AdoptedProject(code="old", name="老城", region="gz", project_id="1", objects=(one,))
    assert adopted_labels(lab, held) is None
    owner = AdoptedOwner(department="gat", zone=Zone.DEDICATED, mlps_level=2, data_class=DataClass.IMPORTANT)
    labels = adopted_labels(lab, held.model_copy(update={"owner": owner}))
    assert labels is not None
    assert (labels.division, labels.system, labels.zone, labels.mlps) == ("440100", "old", "dedicated", "2")
    assert labels.responsible == lab.departments["gat"].responsible.id
