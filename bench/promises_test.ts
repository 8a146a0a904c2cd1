import assert from "node:assert/strict";

/** A figure that runs are promised to keep to, and the row of the suite that holds them to it. */
interface PromisedFigure {
  readonly what: string;
  readonly suite: string;
  /** Backticks are escaped: they would hide the name of the test below from the check of scenarios. */
  readonly row: RegExp;
}

const PROMISES: readonly PromisedFigure[] = [
  {
    what: "a durable three-node run by POST /run takes 2 ms for one client",
    suite: "durable",
    row:
      /what: \x60\$\{what\}, one client\x60,[^]{0,200}isPromised \? \{ target: \{ atMost: 2 \} \}/,
  },
  {
    what: "32 clients get 1500 durable runs a second in hosts, and 4000 with isolation: none",
    suite: "durable",
    row:
      /what: \x60\$\{what\}, 32 clients\x60,[^]{0,200}atLeast: isolation === "process" \? 1_500 : 4_000/,
  },
  {
    what: "100 durable nodes one after another take 25 ms",
    suite: "durable",
    row: /chainOf\(100\)[^]*nodes one after another\x60,[^}]{0,200}target: \{ atMost: 25 \}/,
  },
  {
    what: "a durable fan-out to 10 nodes and its join take 4 ms",
    suite: "durable",
    row: /fanOutOf\(10\)[^]*nodes and join\x60,[^}]{0,200}target: \{ atMost: 4 \}/,
  },
  {
    what: "10 000 queued runs are taken up in 2 s",
    suite: "durable",
    row: /resumeOf\(10_000\)[^]*queued runs are taken up[^]{0,200}target: \{ atMost: 2 \}/,
  },
  {
    what: "memory stays flat over as many runs as asked for",
    suite: "durable",
    row: /growth over \$\{count\} runs\x60,[^}]{0,200}target: \{ atMost: 30 \}/,
  },
  {
    what: "50 000 events a second are appended in group commits",
    suite: "storage",
    row: /events appended, all at once[^]{0,200}isDefault \? \{ target: \{ atLeast: 50_000 \} \}/,
  },
  {
    what: "50 runs of a million are listed in 20 ms, by any filter",
    suite: "storage",
    row:
      /MANY = 1_000_000[^]*50 of \$\{MANY \/ 1e6\} million runs[^]{0,300}target: \{ atMost: 20 \}/,
  },
  {
    what: "1500 messages of JetStream a second become stored runs",
    suite: "nats",
    row: /JetStream, stored runs that do nothing[^]{0,400}target: \{ atLeast: 1_500 \}/,
  },
];

for (const { what, suite, row } of PROMISES) {
  Deno.test(`deno task bench --check holds the engine to it that ${what}`, async () => {
    const file = new URL(`suites/${suite}.ts`, import.meta.url);
    assert.match(await Deno.readTextFile(file), row);
  });
}
