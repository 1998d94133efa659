# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Installer.Manifest."""

from __future__ import annotations

import time
from xml.etree import ElementTree

from irissim.library.engine_access import sources
from irissim.library.installer.run import Run
from irissim.library.installer.tags import perform
from irissim.objectscript.classes import Context, LocalArray, Status, SystemClass, class_method
from irissim.objectscript.loading.generators import CompiledClass, GeneratedCode
from irissim.values.errors import OsError, StatusError
from irissim.values.status import OK
from irissim.values.value import Value, to_string


class Manifest(SystemClass):
    """Called by the generator that every installer class has; the generated method runs the manifest."""

    NAME = "%Installer.Manifest"

    @class_method(name="%Generate")
    def Generate(ctx: Context, pTargetClass: Value, pCode: Value, pXDataName: Value) -> Status:
        # FIDELITY(documented; GCI, CR24): the setup method is generated from the XData block of this name
        if not isinstance(pTargetClass, CompiledClass) or not isinstance(pCode, GeneratedCode):
            raise StatusError(5001, "%Generate is called by a method generator")
        name, document = pTargetClass.definition.name, to_string(pXDataName)
        if document not in pTargetClass.definition.xdata:
            raise StatusError(5001, f"Class '{name}' has no XData {document}")
        _parsed(name, pTargetClass.definition.xdata[document])
        # FIDELITY(assumed; GCI): the generated code interprets the manifest instead of holding a call for each tag
        pCode.lines[-1] += f' quit ##class(%Installer.Manifest).%Run("{name}","{document}",.pVars,$get(pLogLevel,1))'
        pCode.lines.append("")
        return OK

    @class_method(name="%Run", byref=("pVars",))
    def Run(ctx: Context, pClass: Value, pDocument: Value, pVars: LocalArray, pLogLevel: Value = 1) -> Status:
        """The simulator's own: what the generated method calls."""
        name = to_string(pClass)
        # FIDELITY(documented; GCI): a manifest is run in %SYS
        if ctx.session.namespace != "%SYS":
            raise StatusError(5001, "A manifest must be run in the namespace %SYS")
        definition = sources(ctx).definition(ctx.session, name)
        if definition is None:
            raise StatusError(5351, name)
        run = Run(ctx, name, pVars, pLogLevel)
        began = time.strftime("%Y-%m-%d %H:%M:%S")
        run.log(0, name, f"Installation starting at {began}, LogLevel={to_string(pLogLevel)}")
        try:
            perform(run, list(_parsed(name, definition.xdata[to_string(pDocument)])))
        except StatusError as error:
            run.log(0, name, f"Installation failed at {time.strftime('%Y-%m-%d %H:%M:%S')}")
            raise error from None
        except OsError as error:
            run.log(0, name, f"Installation failed at {time.strftime('%Y-%m-%d %H:%M:%S')}")
            raise StatusError(5002, str(error)) from None
        run.log(0, name, f"Installation succeeded at {time.strftime('%Y-%m-%d %H:%M:%S')}")
        return OK


def _parsed(name: str, text: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text.strip())
    except ElementTree.ParseError as error:
        raise StatusError(6301, str(error)) from None
    if root.tag != "Manifest":
        raise StatusError(5001, f"The XData of {name} does not begin with <Manifest>")
    return root
