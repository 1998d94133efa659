# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The include files of the system that session scripts and installers use, as far as their macros are documented."""

from __future__ import annotations

# FIDELITY(documented; RCOS): $$$OK, $$$ISERR, $$$ISOK, $$$ERROR, $$$ADDSC, $$$EMBEDSC, $$$GETERRORCODE,
#   $$$GETERRORMESSAGE, $$$ThrowOnError, $$$ThrowStatus come from %occStatus; all classes have them
# FIDELITY(observed; R-IM): $$$THROWONERROR(sc,expression) sets sc and throws it when it is an error
# FIDELITY(assumed): what the other macros stand for is taken from how public code uses them
_STATUS = """
#define OK 1
#define YES 1
#define NO 0
#define NULLOREF ""
#define ISERR(%sc) ('(%sc))
#define ISOK(%sc) (+(%sc))
#define GETERRORCODE(%sc) $system.Status.GetErrorCodes(%sc)
#define GETERRORMESSAGE(%sc,%num) $system.Status.GetOneErrorText(%sc,%num)
#define ADDSC(%s1,%s2) $system.Status.AppendStatus(%s1,%s2)
#define EMBEDSC(%s1,%s2) $system.Status.AppendStatus(%s1,%s2)
#def1arg ERROR(%arg) $system.Status.Error(%arg)
#define GeneralError 5001
#define ObjectScriptError 5002
#define CacheError 5002
#define NotImplemented 5003
#define ThrowOnError(%expr) set %objTX=(%expr) throw:'%objTX $$$StatusError(%objTX)
#define THROWONERROR(%sc,%expr) set %sc=(%expr) throw:'%sc $$$StatusError(%sc)
#define StatusError(%sc) ##class(%Exception.StatusException).CreateFromStatus(%sc)
#define ThrowStatus(%sc) throw $$$StatusError(%sc)
#define QuitOnError(%expr) set %objTX=(%expr) quit:('%objTX) %objTX
#define CHECKOK(%expr) set %objTX=(%expr) quit:('%objTX) %objTX
"""
_MESSAGES = """
#define Text(%text) %text
#define LOWER(%text) $zconvert(%text,"l")
#define UPPER(%text) $zconvert(%text,"u")
#define NL $char(13,10)
#define FormatText(%text,%a,%b,%c,%d) $replace($replace($replace($replace(%text,"%1",%a),"%2",%b),"%3",%c),"%4",%d)
"""
_CONFIG = """
#define CPFSave 1
#define CPFWrite 2
#define CPFActivate 4
"""
SYSTEM_INCLUDES = {
    "%occstatus": _STATUS,
    "%occinclude": _STATUS + _MESSAGES,
    "%occmessages": _MESSAGES,
    "%occerrors": "",
    "%occreference": "",
    "%systeminclude": _STATUS,
    "%syconfig": _CONFIG,
    "%sysite": "",
    "%sysecurity": "",
}
"""By lower case name."""
ALWAYS = ("%occStatus", "%occMessages")
"""What every loaded class can use without asking."""
