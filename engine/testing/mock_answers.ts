import type { HttpAnswer, HttpBody, HttpCall, HttpMode } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { AnswerSequence } from "./answer_sequence.ts";
import { closest } from "./closest.ts";
import type { FetchEntry } from "./fixture.ts";
import { requestUrl } from "./request_match.ts";
import { servicePath, type Services, serviceUrl } from "./service_url.ts";

/** Prepared answers in place of the network, and what became of them. */
export interface MockAnswers {
  readonly http: HttpMode;
  /** Requests that no entry answers, as `GET hn /v0/x`, in the order they came. */
  readonly unanswered: readonly string[];
  /** Entries that nobody asked for. */
  unused(): readonly string[];
}

/**
 * Answers the requests of nodes from the `fetch` entries of a fixture, matched by service, path and
 * method; the order of the query does not count. Equal entries answer in turn, the last one for good.
 * Without entries every request gets `{mock: true, service, path}`.
 */
export function mockAnswers(entries: readonly FetchEntry[], services: Services): MockAnswers {
  const mocks = new Map<string, AnswerSequence<FetchEntry>>();
  const used = new Set<FetchEntry>();
  const unanswered: string[] = [];
  for (const entry of entries) {
    const url = requestUrl(serviceUrl(entry, services));
    const key = mockKey(entry.service, entry.method, url);
    const sequence = mocks.get(key) ?? new AnswerSequence<FetchEntry>();
    sequence.add(entry);
    mocks.set(key, sequence);
  }

  function find(call: HttpCall, node: string): FetchEntry | undefined {
    const url = requestUrl(call.url);
    const service = call.service;
    const sequence = mocks.get(mockKey(service, call.method, url)) ??
      mocks.get(mockKey(service, undefined, url)) ??
      mocks.get(mockKey(undefined, call.method, url)) ??
      mocks.get(mockKey(undefined, undefined, url));
    return sequence?.next(node);
  }

  function answer(call: HttpCall, node: string): HttpAnswer {
    if (entries.length === 0) return defaultAnswer(call, services);
    const entry = find(call, node);
    if (entry !== undefined) {
      used.add(entry);
      return toAnswer(entry);
    }
    const path = servicePath(call, services);
    const asked = describe({ ...call, path });
    unanswered.push(asked);
    throw new CodedError("FIXTURE_MISSING", noMatch(asked, entries), {
      fix: `Add to "fetch": ${
        JSON.stringify({ service: call.service, path, method: call.method, body: {} })
      }`,
    });
  }

  return {
    http: { kind: "answer", answer: (call, node) => Promise.try(answer, call, node) },
    unanswered,
    unused: () => entries.filter((entry) => !used.has(entry)).map(describe),
  };
}

function mockKey(service: string | undefined, method: string | undefined, url: string): string {
  return `${service ?? "*"} ${method ?? "*"} ${url}`;
}

function describe(
  { service, path, method }: Pick<FetchEntry, "service" | "path" | "method">,
): string {
  return [method ?? "*", service, path].filter((part) => part !== undefined).join(" ");
}

function noMatch(asked: string, entries: readonly FetchEntry[]): string {
  const nearest = closest(asked, entries, describe);
  const hint = nearest === undefined ? "" : `; the nearest is ${describe(nearest)}`;
  return `Cannot answer "${asked}" as the fixture prepares: no "fetch" entry matches${hint}`;
}

function defaultAnswer(call: HttpCall, services: Services): HttpAnswer {
  const { service } = call;
  const path = servicePath(call, services);
  const body: JsonValue = service === undefined
    ? { mock: true, path }
    : { mock: true, service, path };
  return { status: 200, headers: { "content-type": "application/json" }, body: jsonBody(body) };
}

function toAnswer({ status, headers, body }: FetchEntry): HttpAnswer {
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  return {
    status,
    headers: hasType || body === undefined ? headers : { "content-type": type, ...headers },
    body: typeof body === "string" ? { text: body } : jsonBody(body),
  };
}

function jsonBody(value: JsonValue | undefined): HttpBody {
  return { text: value === undefined ? "" : JSON.stringify(value) };
}
