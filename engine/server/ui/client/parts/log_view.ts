/// <reference lib="dom" />
import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type AnsiState, parseAnsi, PLAIN, type Span } from "../core/ansi.ts";
import { formatClock } from "../core/format.ts";
import { html } from "../core/html.ts";
import type { LogLine, LogLines } from "../data/log_lines.ts";
import { Icon } from "./icons.ts";

/** What is shown of a log. */
export interface LogProps {
  readonly log: LogLines;
  /** Of all nodes: each line says whose it is. */
  readonly isMixed: boolean;
  /** More may come. */
  readonly isLive: boolean;
  /** Where all of it is, as a file. */
  readonly download: string | undefined;
}

/** Lines that are drawn as one: the browser skips those out of sight. */
const CHUNK = 100;

/** A log that grows: it follows its end until somebody scrolls up, and finds what is looked for. */
export function LogView({ log, isMixed, isLive, download }: LogProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const [wanted, setWanted] = useState("");
  const rows = useRows(log);
  const needle = wanted.toLowerCase();
  const shown = needle === ""
    ? rows
    : rows.filter(({ plain, line }) =>
      plain.toLowerCase().includes(needle) || (isMixed && line.node.toLowerCase().includes(needle))
    );
  useLayoutEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length, isFollowing, log]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current as HTMLDivElement;
    setFollowing(scrollHeight - scrollTop - clientHeight < 24);
  };
  const longest = isMixed
    ? rows.reduce((most, { line }) => Math.max(most, Math.min(24, line.node.length)), 6)
    : 0;
  const chunks: (readonly Row[])[] = [];
  for (let at = 0; at < shown.length; at += CHUNK) chunks.push(shown.slice(at, at + CHUNK));
  return html`
    <section class="log" aria-label="Log">
      <div class="log-bar">
          <label class="search"><${Icon} name="search" /><span class="unseen">Search the log</span>
            <input type="search" placeholder="Search the log" value=${wanted} data-log-search
              onInput=${(event: Event) =>
                setWanted((event.currentTarget as HTMLInputElement).value)} /></label>
          ${needle !== "" &&
            html`<span class="dim" role="status">${shown.length} of ${rows.length}</span>`}
          <span class="grow"></span>
          ${isLive && html`
            <button type="button" class="small" aria-pressed=${isFollowing}
              onClick=${() =>
                setFollowing(!isFollowing)} title="Follow the end of the log (f)" data-log-follow>
                        <${Icon} name="down" />${isFollowing ? "Following" : "Follow"}</button>
          `}
          ${download && html`<a class="button small" href=${download} download>
        <${Icon} name="download" /><span>Download</span></a>`}
        </div>
      <div class="log-lines" style=${{
        "--node": `${longest}ch`,
      }} ref=${box} onScroll=${onScroll} tabindex="0"
        role="log"
        aria-live="off" aria-label="Lines">
          ${log.dropped > 0 &&
            html`<p class="log-gap">${log.dropped} earlier lines are in the file</p>`}
          ${chunks.map((chunk) =>
            html`
              <${Chunk} key=${chunk[0]?.line.seq} rows=${chunk} size=${chunk.length}
                last=${chunk.at(-1)?.line.seq} isMixed=${isMixed} needle=${needle} />
            `
          )}
          ${shown.length === 0 &&
            html`<p class="log-gap">${
              rows.length > 0
                ? "No line has that"
                : isLive
                ? "Nothing written yet"
                : "Nothing was written"
            }</p>`}
        </div>
    </section>
  `;
}

interface Row {
  readonly line: LogLine;
  readonly spans: readonly Span[];
  readonly plain: string;
}

/** Lines with their colours; each is parsed once, as colours go on from line to line of a node. */
function useRows(log: LogLines): readonly Row[] {
  const cache = useMemo(() => ({
    rows: [] as Row[],
    states: new Map<string, AnsiState>(),
    seen: 0,
  }), [log]);
  for (const line of log.lines.slice(firstAfter(log.lines, cache.seen))) {
    const source = `${line.node} ${line.isStderr}`;
    const { spans, state } = parseAnsi(line.text, cache.states.get(source) ?? PLAIN);
    cache.states.set(source, state);
    cache.rows.push({ line, spans, plain: spans.map(({ text }) => text).join("") });
    cache.seen = line.seq;
  }
  const first = log.lines[0]?.seq ?? 0;
  if ((cache.rows[0]?.line.seq ?? first) < first) {
    cache.rows = cache.rows.filter(({ line }) => line.seq >= first);
  }
  return cache.rows;
}

function firstAfter(lines: readonly LogLine[], seq: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface ChunkProps {
  readonly rows: readonly Row[];
  readonly size: number;
  readonly last: number | undefined;
  readonly isMixed: boolean;
  readonly needle: string;
}

/** Drawn again only when something has changed in it. */
function Chunk({ rows, size, last, isMixed, needle }: ChunkProps): VNode {
  return useMemo(
    () =>
      html`<div class="log-chunk">${
        rows.map(({ line, spans }) =>
          html`<div key=${line.seq} class=${`line is-${line.level}${
            line.isStderr ? " is-stderr" : ""
          }`}>
        <span class="line-at">${formatClock(line.at)}</span>
        ${isMixed && html`<span class="line-node">${line.node}</span>`}
        <span class="line-text">${
            spans.map(({ text, look }) => html`<span class=${look}>${marked(text, needle)}</span>`)
          }${"\n"}</span>
      </div>`
        )
      }</div>`,
    [rows[0]?.line.seq, size, last, isMixed, needle],
  );
}

/** The text with what is looked for marked. */
function marked(text: string, needle: string): VNode | string | readonly (VNode | string)[] {
  if (needle === "") return text;
  const parts: (VNode | string)[] = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (;;) {
    const found = lower.indexOf(needle, at);
    if (found < 0) break;
    parts.push(
      text.slice(at, found),
      html`<mark>${text.slice(found, found + needle.length)}</mark>`,
    );
    at = found + needle.length;
  }
  parts.push(text.slice(at));
  return parts;
}
