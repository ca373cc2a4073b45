"""The service documents of the mock SIMS: $metadata as CSDL XML, and the list of sets (OData 4.01 CSDL)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

from connector.mock.sims.schema import COMPLEX_TYPES, ENTITY_SETS, EntitySet

_GROUP_TYPES = ("YearGroup", "PrimaryClass", "House")


def sets_of(sets: Mapping[str, EntitySet], service: str) -> list[EntitySet]:
    """Return the sets of a service."""
    return [one for one in sets.values() if one.service.lower() == service.lower()]


def metadata(sets: Mapping[str, EntitySet], service: str) -> str:
    """Return the CSDL document of a service. Types of other services that it points to are in it as well."""
    own = sets_of(sets, service)
    wanted = {one.area: one for one in own}
    for one in list(wanted.values()):
        wanted.update({area: sets[area] for area in one.expands.values()})
    schemas = []
    for namespace in ("SIMS", "ESS.Attendance"):
        types = [one for one in wanted.values() if _namespace(one) == namespace]
        body = "".join(_entity(one) for one in types)
        if namespace == "SIMS":
            body = _complex() + _enum() + body + _container(own)
        schemas.append(
            f'<Schema Namespace="{namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">{body}</Schema>'
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        + "".join(schemas)
        + "</edmx:DataServices></edmx:Edmx>"
    )


def _namespace(one: EntitySet) -> str:
    return one.type_name.rpartition(".")[0]


def _edm(type_name: str) -> str:
    inside = type_name in COMPLEX_TYPES or type_name == "GroupTypeEnum"
    return f"SIMS.{type_name}" if inside else f"Edm.{type_name}"


def _entity(one: EntitySet) -> str:
    keys = ["ExternalID", "GroupType"] if one.area == "groups" else list(one.fields)[:1]
    parts = [f"<PropertyRef Name={quoteattr(key)}/>" for key in keys]
    fields = [
        f'<Property Name={quoteattr(name)} Type="{_edm(kind)}"{"" if name not in keys else _REQUIRED}/>'
        for name, kind in one.fields.items()
    ]
    hops = [
        f'<NavigationProperty Name={quoteattr(name)} Type="Collection({ENTITY_SETS[area].type_name})"/>'
        for name, area in one.expands.items()
    ]
    name = one.type_name.rpartition(".")[2]
    return (
        f'<EntityType Name="{name}"><Key>{"".join(parts)}</Key>{"".join(fields)}{"".join(hops)}</EntityType>'
    )


_REQUIRED = ' Nullable="false"'


def _complex() -> str:
    return "".join(
        f'<ComplexType Name="{name}">'
        + "".join(
            f'<Property Name={quoteattr(field)} Type="{_edm(kind)}"/>' for field, kind in fields.items()
        )
        + "</ComplexType>"
        for name, fields in COMPLEX_TYPES.items()
    )


def _enum() -> str:
    members = "".join(f'<Member Name="{name}" Value="{n}"/>' for n, name in enumerate(_GROUP_TYPES))
    return f'<EnumType Name="GroupTypeEnum">{members}</EnumType>'


def _container(own: Iterable[EntitySet]) -> str:
    functions = "".join(
        '<Function Name="Changes" IsBound="true">'
        f'<Parameter Name="bindingParameter" Type="Collection({one.type_name})"/>'
        '<Parameter Name="startDate" Type="Edm.DateTimeOffset" Nullable="false"/>'
        f'<ReturnType Type="Collection({one.type_name})"/></Function>'
        for one in own
        if one.changes
    )
    sets = []
    for one in own:
        paths = {area: hop for hop, area in one.expands.items()}
        bindings = "".join(
            f'<NavigationPropertyBinding Path="{paths[target.area]}" Target="{target.name}"/>'
            for target in own
            if target.area in paths
        )
        sets.append(f'<EntitySet Name="{one.name}" EntityType="{one.type_name}">{bindings}</EntitySet>')
    return f'{functions}<EntityContainer Name="Container">{"".join(sets)}</EntityContainer>'
