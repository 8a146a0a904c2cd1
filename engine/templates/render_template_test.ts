import assert from "node:assert/strict";
import type { JsonObject } from "../json/mod.ts";
import { renderTemplate, TemplateError } from "./mod.ts";

const VALUES: JsonObject = {
  name: "World",
  empty: "",
  nothing: null,
  three: 3,
  zero: 0,
  big: 123456789,
  half: 0.5,
  large: 1234567.5,
  tiny: 0.00000015,
  yes: true,
  no: false,
  list: ["a", "b"],
  none: [],
  map: { b: 1, a: { deep: "x" }, c: null },
  users: [{ name: "ann", admin: true }, { name: "bob", admin: false }],
  odd: "it's $HOME",
  full: "{{ .greeting }}, {{ .name }}",
  greeting: "Hello",
};

/** Template and result. What Go's text/template gives, but for `quote` and the digits of whole numbers. */
const RESULTS: readonly (readonly [string, string])[] = [
  ["plain $x {not} }} text", "plain $x {not} }} text"],
  ["{{ .name }}", "World"],
  ["{{.name}}", "World"],
  ["a{{/* nothing */}}b", "ab"],
  ["a {{- /* nothing */ -}} b", "ab"],
  ["a \n {{- .name -}} \n b", "aWorldb"],
  ["a {{-3}} b", "a -3 b"],
  ["{{ .name   -}}\n!", "World!"],
  // values
  ["{{ .three }} {{ .zero }} {{ .big }} {{ .half }}", "3 0 123456789 0.5"],
  ["{{ .large }} {{ .tiny }} {{ 1e3 }} {{ -2.5 }}", "1.2345675e+06 1.5e-07 1000 -2.5"],
  ["{{ .yes }} {{ .no }} {{ .nothing }}", "true false <no value>"],
  ["{{ .list }} {{ .none }} {{ .map }}", "[a b] [] map[a:map[deep:x] b:1 c:<nil>]"],
  ["{{ .map.a.deep }} {{ .map.b }}", "x 1"],
  ["{{ $.map.a.deep }} {{ (.map).b }} {{ (index .users 0).name }}", "x 1 ann"],
  [
    '{{ "a\\t\\"b\\u00e9" }} {{ `r"a\\w` }} {{ \'a\' }} {{ 0x1F }} {{ 010 }}',
    'a\t"bé r"a\\w 97 31 8',
  ],
  ["{{ `{{` }}", "{{"],
  // pipelines
  ['{{ .empty | default "x" }} {{ default "x" .name }}', "x World"],
  ['{{ .zero | default 5 }} {{ .no | default "d" }} {{ .none | default "n" }}', "0 d n"],
  ['{{ .nothing | default "n" }}', "n"],
  ['{{ .name | printf "%s-%s" "a" }}', "a-World"],
  ["{{ .odd | quote }} {{ quote .list }} {{ .empty | quote }}", "'it'\\''s $HOME' 'a' 'b' ''"],
  ["{{ quote .name .three .nothing }}", "'World' '3' ''"],
  // conditions
  ["{{ if .yes }}a{{ end }}{{ if .no }}b{{ end }}", "a"],
  ["{{ if .no }}a{{ else if .yes }}b{{ else }}c{{ end }}", "b"],
  ["{{ if .no }}a{{ else if .zero }}b{{ else }}c{{ end }}", "c"],
  ["{{ if .none }}a{{ else }}b{{ end }}{{ if .map }}c{{ end }}", "bc"],
  [
    "{{ if and .yes .name }}a{{ end }} {{ or .empty .name }} {{ and .empty .nosuch }}!",
    "a World !",
  ],
  ["{{ not .yes }} {{ not .empty }}", "false true"],
  [
    '{{ eq .name "World" }} {{ ne .three 3 }} {{ eq .three 1 2 3 }} {{ eq .nothing nil }}',
    "true false true true",
  ],
  ['{{ lt 1 2 }} {{ le 2 2 }} {{ gt "b" "a" }} {{ ge 1 2 }}', "true true true false"],
  ["{{ with .map.a }}{{ .deep }}{{ end }}{{ with .empty }}no{{ else }}none{{ end }}", "xnone"],
  ["{{ with $x := .name }}{{ $x }}{{ . }}{{ end }}", "WorldWorld"],
  ["{{ with .empty }}a{{ else with .name }}{{ . }}{{ end }}", "World"],
  // loops
  ["{{ range .list }}<{{ . }}>{{ end }}", "<a><b>"],
  ["{{ range $i, $e := .list }}{{ $i }}={{ $e }};{{ end }}", "0=a;1=b;"],
  ["{{ range $e := .list }}{{ $e }}{{ $.name }}{{ end }}", "aWorldbWorld"],
  ["{{ range $k, $v := .map }}{{ $k }}{{ end }}", "abc"],
  [
    "{{ range .none }}a{{ else }}empty{{ end }}{{ range .nothing }}{{ else }}nil{{ end }}",
    "emptynil",
  ],
  ["{{ range .users }}{{ if .admin }}{{ continue }}{{ end }}{{ .name }}{{ end }}", "bob"],
  ["{{ range 3 }}{{ . }}{{ end }}{{ range .list }}{{ . }}{{ break }}{{ end }}", "012a"],
  // variables
  ["{{ $x := 1 }}{{ if .yes }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"],
  ["{{ $x := 1 }}{{ if .yes }}{{ $x := 2 }}{{ end }}{{ $x }}", "1"],
  ["{{ $m := .map }}{{ $m.a.deep }}", "x"],
  // functions
  ['{{ len .name }} {{ len "é" }} {{ len .list }} {{ len .map }}', "5 2 2 3"],
  ['{{ index .list 1 }} {{ index .map "a" "deep" }} {{ index .map "nosuch" }}', "b x <no value>"],
  ["{{ slice .name 1 3 }} {{ slice .list 1 }}", "or [b]"],
  ['{{ print 1 2 "a" 3 }} {{ print .nothing }}', "1 2a3 <nil>"],
  [
    '{{ printf "%05d|%-4s|%4s|%q|%v|%t|%.2f|%x|%+d|%%" 42 "a" "b" "c" .list true 1.5 255 7 }}',
    '00042|a   |   b|"c"|[a b]|true|1.50|ff|+7|%',
  ],
  ['{{ printf "%d %s" "a" }} {{ printf "a" 1 }}', "%!d(string=a) %!s(MISSING) a%!(EXTRA int=1)"],
  ['{{ urlquery "a b&c" }} {{ html "<a>" }}', "a+b%26c &lt;a&gt;"],
  ['{{ (printf "%s" .name) | len }}', "5"],
  // texts of variables are templates
  ["{{ .full }}", "Hello, World"],
  ["{{ range $k, $v := . }}{{ if eq $k `full` }}{{ $v }}{{ end }}{{ end }}", "Hello, World"],
];

for (const [template, want] of RESULTS) {
  Deno.test(`template ${JSON.stringify(template)} is filled in`, () => {
    assert.equal(renderTemplate(template, VALUES), want);
  });
}

/** Template, place, and what is wrong. */
const FLAWS: readonly (readonly [string, string, string])[] = [
  ["a\n  {{ .nosuch }}", "2:6", 'map has no entry for key "nosuch"'],
  ['{{ .nosuch | default "x" }}', "1:4", 'map has no entry for key "nosuch"'],
  ["{{ .map.nosuch.deep }}", "1:4", 'map has no entry for key "nosuch"'],
  ["{{ .constructor }}", "1:4", 'map has no entry for key "constructor"'],
  ["{{ .map.__proto__ }}", "1:4", 'map has no entry for key "__proto__"'],
  ["{{ .list.length }}", "1:4", "can't evaluate field length in type []interface {}"],
  ["{{ .name.length }}", "1:4", "can't evaluate field length in type string"],
  ["{{ .nothing.x }}", "1:4", 'nil data; no entry for key "x"'],
  ["{{ .name", "1:1", "unclosed action"],
  ["{{/* never", "1:1", "unclosed comment"],
  ["{{ nosuch }}", "1:4", 'function "nosuch" not defined'],
  ["{{ toString }}", "1:4", 'function "toString" not defined'],
  ["{{ $x }}", "1:4", 'undefined variable "$x"'],
  ["{{ if .yes }}a", "1:15", "unexpected EOF"],
  ["a{{ end }}", "1:2", "unexpected {{end}}"],
  ["{{ else }}", "1:1", "unexpected {{else}}"],
  ["{{ if }}a{{ end }}", "1:7", "missing value for if"],
  ["{{ }}", "1:4", "missing value for command"],
  ["{{ .name | }}", "1:10", "missing value for command"],
  ["{{ (len .name }}", "1:15", "unclosed left paren"],
  ["{{ .name 1 }}", "1:4", "name has arguments but cannot be invoked as function"],
  ['{{ .name | "x" }}', "1:12", "non executable command in pipeline stage 2"],
  ["{{ len }}", "1:4", "wrong number of args for len: want 1 got 0"],
  ["{{ len 3 }}", "1:4", "error calling len: len of type int"],
  ["{{ index .list 5 }}", "1:4", "error calling index: index out of range: 5"],
  ['{{ eq .three "3" }}', "1:4", "error calling eq: incompatible types for comparison"],
  ["{{ lt .yes 1 }}", "1:4", "error calling lt: invalid type for comparison"],
  ["{{ eq .list .list }}", "1:4", "error calling eq: non-comparable type"],
  ["{{ range .name }}{{ end }}", "1:10", "range can't iterate over World"],
  ["{{ break }}", "1:1", "{{break}} outside {{range}}"],
  ['{{ "abc }}', "1:4", "unterminated quoted string"],
  ["{{ .a ? }}", "1:7", 'unrecognized character in action: "?"'],
  ['{{ template "x" }}', "1:1", "{{template}} is not supported in scripts"],
  ["{{ range 1000000000 }}{{ end }}", "1:10", "it takes more than 1000000 steps"],
];

for (const [template, place, want] of FLAWS) {
  Deno.test(`template ${JSON.stringify(template)} is refused`, () => {
    const error = flawOf(template, VALUES);
    assert.equal(error.detail, want);
    assert.equal(`${error.line}:${error.column}`, place);
    assert.equal(error.code, "TEMPLATE_INVALID");
    assert.equal(
      error.message,
      `Cannot fill in the template as its template says at ${place}: ${want}`,
    );
  });
}

Deno.test("a variable that is made of itself is refused", () => {
  const error = flawOf("{{ .a }}", { a: "{{ .b }}", b: "x{{ .a }}" });
  assert.equal(error.detail, 'variable "a" is made of itself: a -> b -> a');
  assert.match(error.message, /variable "b" of the template/);
});

Deno.test("variables that double each other end at a limit, and soon", () => {
  const values: Record<string, string> = { v0: "x".repeat(1024) };
  for (let i = 1; i < 30; i++) values[`v${i}`] = `{{ .v${i - 1} }}{{ .v${i - 1} }}`;
  assert.equal(flawOf("{{ .v29 }}", values).detail, "the result is larger than 8 MiB");
});

Deno.test("a chain of variables is followed 32 deep", () => {
  const values: Record<string, string> = { v0: "x" };
  for (let i = 1; i < 40; i++) values[`v${i}`] = `{{ .v${i - 1} }}`;
  assert.equal(renderTemplate("{{ .v31 }}", values), "x");
  assert.match(flawOf("{{ .v39 }}", values).detail, /more than 32 variables/);
});

Deno.test("a variable that is plain text is no template", () => {
  const options = { plain: new Set(["out"]) };
  assert.equal(renderTemplate("{{ .out }}", { out: "{{ .x }}" }, options), "{{ .x }}");
});

Deno.test("a broken text of a variable matters only where it is used", () => {
  assert.equal(renderTemplate("{{ .a }}", { a: "1", b: "{{ .nosuch" }), "1");
});

Deno.test("quote gives words that a shell reads as they were", async () => {
  const values = ["a b", "it's", '"$(id)"', "`x`\n\\", "", "-n", "é😀*?[]{}!"];
  const script = renderTemplate("printf '%s\\0' {{ .values | quote }}", { values });
  const { stdout } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), values);
});

Deno.test("templates of any text are read in linear time, and never break the engine", () => {
  const pieces = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    "if",
    "end",
    "range",
    ".a",
    "$x",
    ":=",
    "(",
    ")",
    "|",
    " ",
    '"',
    "`",
    "1",
    "len",
    "else",
    "/*",
    "*/",
    "\n",
  ];
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 3_000; round++) {
    let text = "";
    for (let i = 0; i < 1 + random() * 30; i++) {
      text += pieces[Math.floor(random() * pieces.length)];
    }
    try {
      renderTemplate(text, { a: [1] });
    } catch (error) {
      assert.ok(error instanceof TemplateError, `${text}: ${error}`);
    }
  }
  const started = performance.now();
  for (
    const text of ["{{(".repeat(50_000), "{{ if .a }}".repeat(50_000), `{{ "${"a".repeat(500_000)}`]
  ) {
    assert.ok(flawOf(text, { a: 1 }));
  }
  assert.ok(performance.now() - started < 2_000);
});

function flawOf(template: string, values: JsonObject): TemplateError {
  try {
    renderTemplate(template, values);
  } catch (error) {
    assert.ok(error instanceof TemplateError, String((error as Error).stack));
    return error;
  }
  return assert.fail("it is filled in");
}

const LONG = "é".repeat(100_000);
const MAP = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]));
const LOOPS = Object.fromEntries(
  Array.from({ length: 50 }, (_, index) => [`v${index}`, "{{range 999000}}{{end}}"]),
);

/** What a caller's variable may not do to everybody else: each would take seconds to hours. */
const ATTACKS: { readonly [what: string]: string } = {
  "many variables that loop": Object.keys(LOOPS).map((name) => `{{.${name}}}`).join(""),
  "the length of a long text in a loop": "{{range 900000}}{{len $.long}}{{end}}",
  "comparisons of long texts in a loop": "{{range 900000}}{{eq $.long $.long}}{{end}}",
  "a map that is sorted in a loop": "{{range 900000}}{{range $.map}}{{break}}{{end}}{{end}}",
  "a text that doubles": '{{$x := "ab"}}{{range 60}}{{$x = print $x $x}}{{end}}{{len $x}}',
  "a long list of numbers as text in a loop": "{{range 900000}}{{$t := print $.map}}{{end}}",
};

for (const [what, a] of Object.entries(ATTACKS)) {
  Deno.test(`a variable cannot keep the engine busy: ${what}`, () => {
    const since = performance.now();
    const values = { a, long: LONG, map: MAP, ...LOOPS };
    assert.throws(() => renderTemplate("{{.a}}", values), /more than|larger than/);
    assert.ok(performance.now() - since < 5_000);
  });
}

Deno.test("a condition on a large map in a loop is quick", () => {
  const since = performance.now();
  renderTemplate("{{range 100000}}{{if $.map}}{{end}}{{end}}", { map: MAP });
  assert.ok(performance.now() - since < 5_000);
});
