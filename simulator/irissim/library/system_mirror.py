# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.Mirror, usable in every namespace."""

from __future__ import annotations

from irissim.library.database_view import DatabaseView
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.oslist import list_build
from irissim.values.value import Value, to_string


class Mirror(SystemClass):
    """What this instance is in its mirror, for programs."""

    NAME = "%SYSTEM.Mirror"

    @class_method()
    def IsMember(ctx: Context) -> Value:
        return engine(ctx).mirror.is_member()

    @class_method()
    def IsPrimary(ctx: Context) -> Value:
        return int(engine(ctx).mirror.is_primary())

    @class_method()
    def IsBackup(ctx: Context) -> Value:
        return int(engine(ctx).mirror.is_backup())

    @class_method()
    def IsAsyncMember(ctx: Context) -> Value:
        return int(engine(ctx).mirror.is_async_member())

    @class_method()
    def MirrorName(ctx: Context) -> Value:
        return engine(ctx).mirror.mirror_name()

    @class_method()
    def GetMirrorNames(ctx: Context) -> Value:
        # FIDELITY(documented; CR24): a $LIST of names, or "" when there are none
        names = engine(ctx).mirror.names()
        return list_build(names) if names else ""

    @class_method()
    def GetStatus(ctx: Context, MirrorName: Value = "") -> Value:
        return engine(ctx).mirror.status(to_string(MirrorName))

    @class_method()
    def GetMemberStatus(ctx: Context, MirrorName: Value = "") -> Value:
        items = engine(ctx).mirror.member_status(to_string(MirrorName))
        return list_build([item for item in items if item])

    @class_method()
    def GetMemberType(ctx: Context) -> Value:
        return engine(ctx).mirror.member_type()

    @class_method()
    def IsNamespaceMirrored(ctx: Context, Namespace: Value) -> Value:
        # FIDELITY(documented; CR24): 0 unless the default database for globals is mirrored, -1 for a remote one, else
        #   its SFN; a stopped mirror changes nothing
        # FIDELITY(assumed): a remote database is taken as not mirrored, nothing here can ask its host; so is a database
        #   that was never mounted
        config = engine(ctx).config
        database = config.fields("Namespaces", to_string(Namespace))[0]
        directory, server = config.fields("Databases", database, 2)[:2]
        if not directory or server:
            return 0
        view = DatabaseView(engine(ctx), directory)
        return max(engine(ctx).databases.sfn(view.directory), 0) if view.mirror is not None else 0
