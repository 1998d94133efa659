# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of iris.cpf, by section."""

from __future__ import annotations

# FIDELITY(documented; CPF): sections and their parameters; sections of None hold one line for each named object.
#   Parameters that only the sample file of the reference has are known, too
_PARAMETERS: dict[str, str | None] = {
    "Archives": None,
    "Cluster": "CommIPAddress JoinCluster",
    "ComPorts": None,
    "config": (
        "LibPath MaxServerConn MaxServers Path PythonPath PythonRuntimeLibrary PythonRuntimeLibraryVersion "
        "UUIDv1RandomMac bbsiz console errlog globals gmheap history ijcbuff ijcnum jrnbufs locksiz memlock netjob "
        "nlstab overview pijdir routines targwijsz udevtabsiz wijdir zfheap"
    ),
    "ConfigFile": "Product Version",
    "Conversions": "LastConvertTime",
    "Databases": None,
    "Debug": "dumpstyle semsperset",
    "Devices": None,
    "DeviceSubTypes": None,
    "ECP": "ClientReconnectDuration ClientReconnectInterval ServerTroubleDuration",
    "ECPServers": None,
    "Gateways": None,
    "IO": "File MagTape Other Terminal",
    "Journal": (
        "AlternateDirectory ArchiveName BackupsBeforePurge CompressFiles CurrentDirectory DaysBeforePurge "
        "FileSizeLimit FreezeOnError JournalFilePrefix JournalcspSession PurgeArchive PurgeArchived"
    ),
    "LicenseServers": None,
    "Logging": "ChildProcessLaunchCommand Enabled EventFilter Format Interval Level",
    "MagTapes": None,
    "MirrorMember": (
        "AgentAddress AsyncMemberGUID AsyncMemberType AsyncUseSystemPurgeInterval JoinMirror SystemName "
        "ValidatedMember VirtualAddressInterface"
    ),
    "Mirrors": None,
    "Miscellaneous": (
        "AsyncDisconnectErr AsynchError BreakMode CollectResourceStats DisconnectErr FileMode GlobalKillEnabled "
        "IEEEError LicenseAltHeaders LineRecall ListFormat LogRollback MVDefined NodeNameInPid NullSubscripts "
        "OldZU5 OpenMode PopError RefInKind ScientificNotation SetZEOF ShutDownLogErrors StopID SwitchOSdir "
        "SynchCommit TelnetNUL TruncateOverflow Undefined UseNagleAlgorithm ViewPastData ZDateNull ZaMode"
    ),
    "Monitor": "OTELInterval OTELLogLevel OTELLogs OTELMetrics SNMPEnabled",
    "Namespaces": None,
    "SQL": (
        "ANSIPrecedence AdaptiveMode AllowRowIDUpdate AutoParallel AutoParallelThreshold "
        "AutoStatsForEfficientSamplingTableOnly AutoStatsForFixedStatsTable AutoStatsForRemoteGlobalTable "
        "BiasQueriesAsOutlier ClientMaxIdleTime Comment DDLDefineBitmapExtent DDLFinal DDLNo201 DDLNo30 DDLNo307 "
        "DDLNo311 DDLNo315 DDLNo324 DDLNo333 DDLSQLOnlyCompile DDLUseExtentSet DDLUseSequence DefaultSchema "
        "DelimitedIds DropDelete ECPSync ExtrinsicFunctions FastDistinct IdKey IdTrxFrom IdTrxTo LockThreshold "
        "LockTimeout ODBCVarcharMaxlen ParameterSampling QueryProcedures RTPC ReferentialChecks SaveMAC "
        "TCPKeepAlive TODATEDefaultFormat TimePrecision"
    ),
    "SqlSysDatatypes": None,
    "SqlUserDatatypes": None,
    "Startup": (
        "CallinHalt CallinStart CliSysName DBSizesAllowed DefaultPort DefaultPortBindAddress EnableSharding "
        "EnableVSSBackup EnsembleAutoStart ErrorPurge FIPSMode IPv6 JobHalt JobServers JobStart LicenseID "
        "MaxConsoleLogSize MaxIRISTempSizeAtStart PasswordHash ProcessHalt ProcessStart ShutdownTimeout SystemHalt "
        "SystemMode SystemPerformanceDailyReportsOn SystemPerformanceDailyReportsRetentionDays SystemStart "
        "TempDirectory TerminalPrompt WebServer WebServerName WebServerPort WebServerProtocol "
        "WebServerSSLConfiguration WebServerURLPrefix ZSTU"
    ),
    "Telnet": "DNSLookup Port",
    "WorkQueues": "Default SQL Utility",
}
_FOLDED = {section.casefold(): section for section in _PARAMETERS}
_OWNED = ("map.", "mapmirrors.")


def known_section(name: str) -> str | None:
    """The section as the reference spells it; None if there is none."""
    if name.casefold().startswith(_OWNED):
        return name
    return _FOLDED.get(name.casefold())


def known_parameter(section: str, name: str) -> str | None:
    """The parameter as the reference spells it; None if the section has none of that name."""
    names = _PARAMETERS.get(section)
    if names is None:
        return name
    return next((known for known in names.split() if known.casefold() == name.casefold()), None)
