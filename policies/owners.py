"""Who answers for a target: its responsible and its supervising subject (责任主体, 监管主体). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from province.organisation import Department
from province.province import Province
from province.record import Record


class Owner(Record):
    """Both subjects, as reports name them."""

    department: str
    responsible: str
    responsible_name: str
    supervising: str
    supervising_name: str
    contact: str


def owners(province: Province) -> Mapping[str, Owner]:
    """The owner of every target. What belongs to nobody else is the platform operator's."""
    operator = province.identity.operator
    departments = dict.fromkeys(sorted(province.targets()), operator)
    departments |= {f"tenant-{code}": system.department for code, system in province.systems.items()}
    departments |= {f"adopted-{code}": one.owner.department for code, one in province.adopted.items() if one.owner}
    departments |= {code: host.department for code, host in province.hosts.items()}
    departments |= {code: router.department or operator for code, router in province.routers.items()}
    return {target: owner(province.departments[code]) for target, code in departments.items()}


def owner(department: Department) -> Owner:
    """The owner of what a department has."""
    responsible, supervising = department.responsible, department.supervising
    return Owner(
        department=department.code,
        responsible=responsible.id,
        responsible_name=responsible.name,
        supervising=supervising.id,
        supervising_name=supervising.name,
        contact=responsible.contact,
    )
