# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classes and routines that are loaded as source: what their code means."""

from __future__ import annotations

import pytest
from tests.objectscript.fakes import Terminal

from irissim.objectscript.loading.sources import LoadedSources
from irissim.objectscript.loading.udl import parse_classes
from irissim.values.errors import OsError, StatusError


class Loader(Terminal):
    """A terminal that can be given sources."""

    def __init__(self) -> None:
        super().__init__()
        classes = self.session.classes
        self.sources = LoadedSources(lambda session, kind, name: session.namespace, classes.kind)
        classes.sources = self.sources

    def load(self, name: str, members: str, head: str = "Extends %RegisteredObject") -> list[str]:
        """Load a class; gives what the simulator says about it."""
        self.sources.save(self.session, "cls", name, f"Class {name} {head}\n{{\n{members}\n}}\n")
        return self.sources.compile_class(self.session, name).notices

    def routine(self, name: str, text: str, kind: str = "mac") -> None:
        self.sources.save(self.session, kind, name, text)


@pytest.fixture
def terminal() -> Loader:
    return Loader()


def test_a_class_method_has_defaults_references_and_more_arguments(terminal: Loader) -> None:
    terminal.load(
        "My.Sums",
        """
ClassMethod Add(first As %Integer = 1, ByRef total, more...) As %Status
{
  set total = first
  for i=1:1:$get(more) set total = total + more(i)
  quit 1
}""",
    )
    assert (
        terminal.run('do ##class(My.Sums).Add(,.t) write t," " do ##class(My.Sums).Add(5,.t,10,20) write t') == "1 35"
    )
    assert terminal.run("do ##class(My.Sums).Add(1,2,3,4,5,6) write $data(total),$data(more)") == "00"


def test_too_many_arguments_are_an_error(terminal: Loader) -> None:
    terminal.load("My.One", "ClassMethod Take(a)\n{\n quit a\n}")
    assert "<PARAMETER>zTake^My.One.1" in terminal.run("write ##class(My.One).Take(1,2)")


def test_a_procedure_keeps_its_variables_and_shares_those_with_a_percent_sign(terminal: Loader) -> None:
    terminal.load(
        "My.Vars", "ClassMethod Run() [ PublicList = seen ]\n{\n set own=1,%shared=2,seen=3\n if 1 set x=own\n}"
    )
    assert terminal.run("set own=9 do ##class(My.Vars).Run() write own,%shared,seen,$data(x)") == "9230"


def test_test_comes_back_after_a_procedure(terminal: Loader) -> None:
    terminal.load("My.T", "ClassMethod Run()\n{\n if 0 write 1\n}")
    assert terminal.run("if 1 do ##class(My.T).Run() write $test") == "1"


def test_an_error_names_the_line_of_the_method(terminal: Loader) -> None:
    terminal.load("My.Bad", "ClassMethod Run()\n{\n set a=1\n if a {\n  write nope\n }\n}")
    assert "<UNDEFINED>zRun+3^My.Bad.1 *nope" in terminal.run("do ##class(My.Bad).Run()")


def test_try_catch_and_the_macros_of_the_status_family(terminal: Loader) -> None:
    terminal.load(
        "My.Status",
        """
ClassMethod Ask(n) As %Status
{
  quit:n<3 $$$OK
  quit $$$ERROR($$$GeneralError,"more than 2: "_n)
}

ClassMethod Run(n) As %Status
{
  set result = $$$OK
  try {
    set sc = ..Ask(n)
    if $$$ISERR(sc) { $$$ThrowStatus(sc) }
    $$$ThrowOnError(..Ask(n + 1)) write "fine"
  } catch problem {
    set result = problem.AsStatus()
  }
  return result
}""",
        "",
    )
    assert terminal.run("write ##class(My.Status).Run(1)") == "fine1"
    assert terminal.run("write $system.Status.GetErrorText(##class(My.Status).Run(2))") == "ERROR #5001: more than 2: 3"
    assert terminal.run("write $system.Status.GetErrorText(##class(My.Status).Run(7))") == "ERROR #5001: more than 2: 7"


def test_own_macros_and_conditions_of_the_preprocessor(terminal: Loader) -> None:
    terminal.sources.save(terminal.session, "inc", "My.Inc", "#define FROM(%a) (%a*10)\n#define SIDE left\n")
    terminal.load(
        "My.Macros",
        """
ClassMethod Run()
{
  #include My.Inc
  #define Twice(%x,%y) ((%x+%y)*2)
  #ifdef SIDE
  write "with "
  #else
  write "without "
  #endif
  #ifndef NOTHERE
  write $$$Twice(1,$length("a,b")),",",$$$FROM(4),",$$$Twice"
  #endif
  #undef SIDE
  #ifdef SIDE
  write "never"
  #endif
}""",
    )
    assert terminal.run("do ##class(My.Macros).Run()") == "with 8,40,$$$Twice"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("write $$$Nowhere", "the macro Nowhere is not defined"),
        ("#include No.Such", "include file No.Such is not there"),
        ("#pragma once", "#pragma is not supported by the simulator"),
        ("#ifdef X", "#if without #endif"),
        ("set = 4", "line 1: set = 4"),
    ],
)
def test_what_cannot_be_compiled_is_refused_with_its_reason(terminal: Loader, body: str, part: str) -> None:
    with pytest.raises(StatusError) as caught:
        terminal.load("My.Wrong", f"ClassMethod Run()\n{{\n{body}\n}}")
    assert caught.value.code == 5475
    assert part in str(caught.value)
    assert "<CLASS DOES NOT EXIST>" in terminal.run("do ##class(My.Wrong).Run()")


def test_what_the_simulator_cannot_run_is_named_when_it_is_loaded_and_when_it_is_reached(terminal: Loader) -> None:
    notices = terminal.load("My.Sql", "ClassMethod Run()\n{\n write 1\n &sql(select 1)\n}\nIndex I On X;")
    assert [notice for notice in notices if notice.startswith("Run: &SQL")]
    assert "index I is not supported by the simulator" in notices
    assert "1\r\n<SYNTAX>zRun+2^My.Sql.1 *&SQL" in terminal.run("do ##class(My.Sql).Run()")


def test_objects_have_properties_parameters_and_superclasses(terminal: Loader) -> None:
    terminal.load(
        "My.Base",
        """
Parameter KIND = "base";
Property Name As %String [ InitialExpression = "none" ];
Property Count As %Integer [ InitialExpression = {1+1} ];
Property Notes [ MultiDimensional ];
Method %OnNew(name As %String = "") As %Status
{
  quit:name="bad" $$$ERROR(5001,"no")
  set:name'="" ..Name=name
  set ..Notes(1)="n"_name
  quit $$$OK
}
Method Say() As %String
{
  quit ..Name_"/"_..#KIND_"/"_..Notes(1)
}""",
    )
    terminal.load(
        "My.Child",
        """
Parameter KIND = "child";
Method Say() As %String
{
  set ..Count=..Count+1
  quit "+"_##super()
}""",
        "Extends My.Base",
    )
    assert terminal.run('set o=##class(My.Child).%New("x") write o.Say(),o.Count,o.%IsA("My.Base")') == "+x/child/nx31"
    assert terminal.run('write ##class(My.Base).%New("bad")') == ""
    assert "<PROPERTY DOES NOT EXIST> *Nope,My.Child" in terminal.run("write o.Nope")
    # The superclass is loaded anew: objects that are made from now on have it.
    terminal.load("My.Base", "Method Say()\n{\n quit 7\n}")
    assert terminal.run("write ##class(My.Child).%ClassName(1)") == "My.Child"
    assert "<PROPERTY DOES NOT EXIST>" in terminal.run("write ##class(My.Child).%New().Say()")


def test_a_setter_is_called(terminal: Loader) -> None:
    terminal.load("My.Set", 'Property P;\nMethod PSet(v) As %Status\n{\n quit $$$ERROR(5001,"not "_v)\n}')
    assert "not 5" in terminal.run("set o=##class(My.Set).%New(),o.P=5")


def test_what_a_class_may_extend(terminal: Loader) -> None:
    with pytest.raises(StatusError) as caught:
        terminal.load("My.Lost", "", "Extends No.Such")
    assert (caught.value.code, caught.value.arguments) == (5373, ("No.Such", "My.Lost:superclass"))
    assert terminal.load("My.Page", "ClassMethod Own()\n{\n quit 1\n}", "Extends %CSP.Page") == [
        "the superclass %CSP.Page is not supported by the simulator"
    ]
    assert terminal.run("write ##class(My.Page).Own()") == "1"
    assert "Page of My.Page, which extends %CSP.Page, is not supported" in terminal.run("do ##class(My.Page).Page()")
    assert "<METHOD DOES NOT EXIST> *%New,My.Plain" in terminal.run(
        *(terminal.load("My.Plain", "", "") or []), "write ##class(My.Plain).%New()"
    )


GENERATED = '''
ClassMethod Made(n) [ CodeMode = objectgenerator ]
{
  do %code.WriteLine(" quit n_"" of "_%compiledclass.Name_"""")
  quit $$$OK
}
ClassMethod Short(n) [ CodeMode = expression ]
{
n*2
}'''


def test_a_method_generator_writes_its_method(terminal: Loader) -> None:
    terminal.load("My.Gen", GENERATED)
    assert terminal.run('write ##class(My.Gen).Made(3)," ",##class(My.Gen).Short(4)') == "3 of My.Gen 8"


def test_classes_belong_to_their_namespace(terminal: Loader) -> None:
    terminal.load(
        "My.Here", 'ClassMethod Where()\n{\n set $namespace="%SYS" quit ..Own()\n}\nClassMethod Own()\n{\n quit 1\n}'
    )
    assert terminal.run("write ##class(My.Here).Where()") == "1"
    terminal.run('set $namespace="%SYS"')
    assert "<CLASS DOES NOT EXIST> *My.Here" in terminal.run("write ##class(My.Here).Where()")


ROUTINE = """ROUTINE Tools [Type=MAC]
 write "main"
 quit
add(a,b=5) public {
 set own=a
 quit own+b
}
block
 set pub=7
 for i=1:1:2 do  write "x"
 . write i
 . if i=1 quit
 . write "two" do  write "after"
 . . write "deep"
 . . quit
 . . write "never"
 . write "end"
 quit
both do block write $$add(1),pub
 quit
bad write nope
"""


def test_a_routine_has_labels_procedures_and_dotted_blocks(terminal: Loader) -> None:
    terminal.routine("Tools", ROUTINE)
    assert terminal.run("do ^Tools write $$add^Tools(2),$$add^Tools(2,2),$data(own)") == "main740"
    assert terminal.run("do both^Tools write pub") == "1x2twodeepafterendx677"
    assert "<UNDEFINED>bad^Tools *nope" in terminal.run("do bad^Tools")
    assert "<NOLINE> *none^Tools" in terminal.run("do none^Tools")
    assert "<NOROUTINE> *Missing" in terminal.run("do ^Missing")


def test_job_runs_loaded_code(terminal: Loader) -> None:
    terminal.routine("Tools", ROUTINE)
    terminal.load("My.Job", "ClassMethod Go(n)\n{\n set ^done=n\n}")
    assert terminal.run("job ##class(My.Job).Go(4) write ^done") == "4"
    terminal.run("job ^Tools")


def test_a_source_without_a_class_is_no_class() -> None:
    with pytest.raises(OsError):
        parse_classes("hello")


def test_include_files_are_inherited(terminal: Loader) -> None:
    terminal.sources.save(terminal.session, "inc", "My.Shared", "#define ANSWER 42\n")
    terminal.sources.save(terminal.session, "cls", "My.Top", "Include My.Shared\n\nClass My.Top\n{\n}\n")
    terminal.sources.compile_class(terminal.session, "My.Top")
    terminal.load("My.Low", "ClassMethod Get()\n{\n quit $$$ANSWER_$$$UPPER(\"a\")\n}", "Extends My.Top")
    assert terminal.run("write ##class(My.Low).Get()") == "42A"
