# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of a manifest, each a function of the run, its element and its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from irissim.library.engine_access import path_of
from irissim.library.installer.run import YES, Run, check, properties
from irissim.objectscript.classes import Argument, LocalArray
from irissim.objectscript.registry import full_class_name
from irissim.values.errors import OsError, StatusError
from irissim.values.value import to_bool, to_string

Attributes = dict[str, str]
Tag = Callable[[Run, Element, Attributes], None]
_USER_SWITCHES = (("ChangePassword", "0"), ("Enabled", "1"))


def perform(run: Run, elements: Iterator[Element] | list[Element]) -> None:
    """Run tags in order. StatusError names one that is not supported."""
    taken = True
    for element in elements:
        if element.tag == "Else":
            if not taken:
                perform(run, list(element))
            continue
        attributes = {} if element.tag == "If" else {name: run.expand(text) for name, text in element.attrib.items()}
        if element.tag in _CONDITIONS:
            taken = _CONDITIONS[element.tag](run, element)
            if taken:
                perform(run, list(element))
            continue
        tag = _TAGS.get(element.tag)
        if tag is None:
            raise StatusError(5001, f"The tag <{element.tag}> of a manifest is not supported by the simulator")
        tag(run, element, attributes)


def _if(run: Run, element: Element) -> bool:
    return to_bool(run.evaluate(run.expand(element.get("Condition", "")) or '""'))


_CONDITIONS: dict[str, Callable[[Run, Element], bool]] = {
    "If": _if,
    "IfDef": lambda run, element: bool(run.variable(element.get("Var", ""))),
    "IfNotDef": lambda run, element: not run.variable(element.get("Var", "")),
}


def _var(run: Run, element: Element, given: Attributes) -> None:
    # FIDELITY(documented; GCI): <Default> sets a variable only if it has no value; Dir makes a directory name of it
    name = given.get("Name", "")
    if element.tag == "Default" and run.variable(name):
        return
    value = str(path_of(run.context, given["Dir"])).rstrip("/") + "/" if "Dir" in given else given.get("Value", "")
    run.set_variable(name, value)


def _log(run: Run, _element: Element, given: Attributes) -> None:
    run.log(int(given.get("Level", "0") or 0), run.title, given.get("Text", ""))


def _error(run: Run, element: Element, given: Attributes) -> None:
    text = given.get("Source", "") or given.get("Status", "") or "".join(element.itertext()).strip()
    raise StatusError(5001, f"Error raised by the manifest: {text}")


def _for_each(run: Run, element: Element, given: Attributes) -> None:
    for value in given.get("Values", "").split(","):
        run.set_variable(given.get("Index", ""), value.strip())
        perform(run, list(element))


def _namespace(run: Run, element: Element, given: Attributes) -> None:
    # FIDELITY(documented; GCI): Create is yes (if it is not there), no (it must be there) or overwrite; databases come
    #   first, then the namespace, then what is in it
    name, create = given.get("Name", "").upper(), given.get("Create", "yes").lower()
    parts = [part for child in element if child.tag == "Configuration" for part in child]
    perform(run, [part for part in parts if part.tag == "Database"])
    exists = to_bool(run.call("Config.Namespaces", "Exists", name))
    if create == "no" and not exists:
        raise StatusError(433, name)
    if create == "overwrite" and exists:
        run.check("Config.Namespaces", "Delete", name)
        exists = False
    if not exists:
        data = given.get("Data", "")
        code = given.get("Code", "") or data
        run.log(1, "CreateNamespace", f"Creating namespace {name} using {data}/{code}")
        run.check("Config.Namespaces", "Create", name, properties(Globals=data, Routines=code))
    # FIDELITY(documented; GCI): Ensemble asks for a namespace with interoperability
    if given.get("Ensemble", "0") not in ("", "0"):
        raise StatusError(5001, "Ensemble of <Namespace> is not supported by the simulator")
    outer, run.namespace = run.namespace, name
    try:
        perform(run, [part for part in parts if part.tag != "Database"])
        perform(run, [child for child in element if child.tag != "Configuration"])
    finally:
        run.namespace = outer


def _database(run: Run, _element: Element, given: Attributes) -> None:
    name, create = given.get("Name", "").upper(), given.get("Create", "yes").lower()
    directory = str(path_of(run.context, given.get("Dir", ""))).rstrip("/") + "/"
    for attribute in ("Encrypted", "BlockSize", "ClusterMountMode"):
        if given.get(attribute, "") not in ("", "0", "8192"):
            raise StatusError(5001, f"{attribute} of <Database> is not supported by the simulator")
    there = Path(directory, "IRIS.DAT").exists()
    if create == "no" and not there:
        raise StatusError(57, directory)
    if create == "overwrite" and there:
        run.check("SYS.Database", "DeleteDatabase", directory)
        there = False
    if not there:
        resource = given.get("Resource", "")
        shown = resource or "%DB_%DEFAULT"
        run.log(1, "CreateDatabase", f"Creating database {name} in {directory} with resource {shown}")
        Path(directory).mkdir(parents=True, exist_ok=True)
        _resource_of(run, resource, given.get("PublicPermissions", ""))
        sizes = (given.get("MaximumSize", "") or None, given.get("ExpansionSize", "") or None)
        size = given.get("InitialSize", "") or None
        none = [None] * 4
        run.check("SYS.Database", "CreateDatabase", directory, size, None, None, resource or None, *none, *sizes)
    if not to_bool(run.call("Config.Databases", "Exists", name)):
        switches = {
            attribute: str(int(given.get(attribute, "").lower() in YES))
            for attribute in ("MountRequired", "MountAtStartup")
            if given.get(attribute, "")
        }
        run.check("Config.Databases", "Create", name, properties(Directory=directory, **switches))


def _resource_of(run: Run, name: str, permissions: str) -> None:
    """A resource that a database names is made with it, where the simulator has resources."""
    if name and run.known("Security.Resources") and not to_bool(run.call("Security.Resources", "Exists", name)):
        run.check("Security.Resources", "Create", name, "", permissions)


def _mapping(class_name: str, attribute: str) -> Tag:
    def add(run: Run, _element: Element, given: Attributes) -> None:
        array = properties(Database=given.get("From", "").upper())
        name = given.get(attribute, "")
        # FIDELITY(assumed; GCI): a mapping that is there already is given the database of the manifest
        method = "Modify" if to_bool(run.call(class_name, "Exists", run.namespace, name)) else "Create"
        run.check(class_name, method, run.namespace, name, array)

    return add


def _import(run: Run, _element: Element, given: Attributes) -> None:
    path = path_of(run.context, given.get("File", ""))
    flags, recurse = given.get("Flags", "") or "ck", int(given.get("Recurse", "0").lower() in YES)
    with run.inside(run.namespace or "%SYS"):
        call = run.context.classes.call
        if path.is_dir():
            result = call(run.context.session, "%SYSTEM.OBJ", "LoadDir", [str(path), flags, LocalArray(), recurse])
        else:
            result = call(run.context.session, "%SYSTEM.OBJ", "Load", [str(path), flags])
    if given.get("IgnoreErrors", "0") in ("", "0"):
        check(result)


def _compile(run: Run, _element: Element, given: Attributes) -> None:
    with run.inside(run.namespace or "%SYS"):
        names = LocalArray(given.get("Class", ""))
        result = run.context.classes.call(
            run.context.session, "%SYSTEM.OBJ", "Compile", [names, given.get("Flags", "") or "ck"]
        )
    if given.get("IgnoreErrors", "0") in ("", "0"):
        check(result)


def _invoke(run: Run, element: Element, given: Attributes) -> None:
    # FIDELITY(documented; GCI): <Arg> in order, the result into the variable Return, CheckStatus stops at an error
    arguments = [run.expand(child.get("Value", "")) for child in element if child.tag == "Arg"]
    name = full_class_name(given.get("Class", ""))
    run.log(3, "Invoke", f"Calling {name}.{given.get('Method', '')}")
    with run.inside(run.namespace or "%SYS"):
        result = run.context.classes.call(run.context.session, name, given.get("Method", ""), [*arguments])
    if given.get("Return", ""):
        run.set_variable(given["Return"], to_string(result))
    if given.get("CheckStatus", "0").lower() in YES:
        check(result)


def _copy(run: Run, element: Element, given: Attributes) -> None:
    source, target = given.get("Src", ""), given.get("Target", "")
    method = "CopyFile" if element.tag == "CopyFile" else "CopyDir"
    try:
        copied = to_bool(run.call("%Library.File", method, source, target, 1))
    except OsError as error:
        raise StatusError(5001, f"<{element.tag}>: {error}") from None
    if not copied and given.get("IgnoreErrors", "0") in ("", "0"):
        raise StatusError(5001, f"Copying {source} to {target} failed")


def _web_application(run: Run, _element: Element, given: Attributes) -> None:
    _needs(run, "CSPApplication", "Security.Applications")
    fields = {
        "Path": given.get("Directory", ""),
        "Resource": given.get("Resource", ""),
        "CookiePath": given.get("CookiePath", ""),
        "AutheEnabled": given.get("AuthenticationMethods", ""),
        "DispatchClass": given.get("DispatchClass", ""),
        "Description": given.get("Description", ""),
        "NameSpace": run.namespace,
    }
    url = given.get("Url", "").rstrip("/")
    if not to_bool(run.call("Security.Applications", "Exists", url)):
        run.check("Security.Applications", "Create", url, properties(**fields))


def _resource(run: Run, _element: Element, given: Attributes) -> None:
    _needs(run, "Resource", "Security.Resources")
    name = given.get("Name", "")
    if not to_bool(run.call("Security.Resources", "Exists", name)):
        run.check("Security.Resources", "Create", name, given.get("Description", ""), given.get("Permission", ""))


def _role(run: Run, _element: Element, given: Attributes) -> None:
    _needs(run, "Role", "Security.Roles")
    name, granted = given.get("Name", ""), given.get("RolesGranted", "")
    if not to_bool(run.call("Security.Roles", "Exists", name)):
        words = (given.get("Description", ""), given.get("Resources", ""), granted or None)
        run.check("Security.Roles", "Create", name, *words)


def _user(run: Run, _element: Element, given: Attributes) -> None:
    name = given.get("Username", "")
    if to_bool(run.call("Security.Users", "Exists", name)):
        return
    password = run.variable(given.get("PasswordVar", "")) or ""
    words: list[Argument] = [given.get(key, "") for key in ("Fullname", "Namespace", "Routine", "ExpirationDate")]
    switches: list[Argument] = [int(given.get(key, default).lower() in YES) for key, default in _USER_SWITCHES]
    run.check(
        "Security.Users", "Create", name, given.get("Roles", ""), password, *words, *switches, given.get("Comment", "")
    )


def _needs(run: Run, tag: str, class_name: str) -> None:
    if not run.known(class_name):
        raise StatusError(5001, f"The tag <{tag}> of a manifest needs {class_name}, which the simulator does not have")


_TAGS: dict[str, Tag] = {
    "CSPApplication": _web_application,
    "ClassMapping": _mapping("Config.MapPackages", "Package"),
    "Compile": _compile,
    "CopyDir": _copy,
    "CopyFile": _copy,
    "Database": _database,
    "Default": _var,
    "Error": _error,
    "ForEach": _for_each,
    "GlobalMapping": _mapping("Config.MapGlobals", "Global"),
    "Import": _import,
    "Invoke": _invoke,
    "Log": _log,
    "Namespace": _namespace,
    "Resource": _resource,
    "Role": _role,
    "RoutineMapping": _mapping("Config.MapRoutines", "Routines"),
    "User": _user,
    "Var": _var,
}
