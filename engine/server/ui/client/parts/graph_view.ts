/// <reference lib="dom" />
import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type GraphNode, layoutGraph, type PlacedNode } from "../core/graph_layout.ts";
import { html } from "../core/html.ts";
import { LiveDuration } from "./live_duration.ts";
import { type Status, StatusMark } from "./status_mark.ts";

/** What the graph shows of a node. */
export interface ShownNode extends GraphNode {
  readonly kind: string;
  readonly isOnError?: boolean;
  readonly status?: Status;
  readonly attempts?: number;
  readonly startedAt?: number | null;
  readonly completedAt?: number | null;
  readonly durationMs?: number | null;
}

/** What the graph is drawn of. */
export interface GraphProps {
  readonly nodes: readonly ShownNode[];
  /** Nodes that decide how long the run takes. */
  readonly critical?: readonly string[];
  readonly selected?: string | undefined;
  onSelect?(id: string): void;
}

const SIZES = { nodeWidth: 184, nodeHeight: 54, layerGap: 52, rowGap: 18 };
const MARGIN = 20;
/** What is to be seen of a node that is chosen. */
const BOX = { width: SIZES.nodeWidth + 2 * MARGIN, height: SIZES.nodeHeight + 2 * MARGIN };
/** Of the window; the style sheet says the same. */
const MAX_HEIGHT = 0.62;
/** Smaller, nobody can tell anything. */
const MIN_ZOOM = 0.2;

/** A graph from left to right. Arrow keys go along its edges, Enter selects. */
export function GraphView({ nodes, critical = [], selected, onSelect }: GraphProps): VNode {
  const ref = useRef<HTMLDivElement>(null);
  const shape = nodes.map(({ id, dependsOn }) => `${id}<${dependsOn.join(",")}`).join(";");
  const layout = useMemo(() => layoutGraph(nodes, SIZES), [shape]);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const path = new Set(critical);
  const focus = (id: string | undefined) => {
    if (id === undefined) return;
    ref.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`)?.focus();
  };
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN;
  const [fitting, setFitting] = useState<number>();
  const [isLarge, setLarge] = useState(false);
  const zoom = fitting ?? 1;
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return;
    const look = () => setLarge(width > box.clientWidth + 1 || height > MAX_HEIGHT * innerHeight);
    const watch = new ResizeObserver(look);
    watch.observe(box);
    return () => watch.disconnect();
  }, [layout]);
  useLayoutEffect(() => {
    const at = layout.nodes.find(({ id }) => id === selected) ?? layout.nodes[0];
    const box = ref.current;
    if (at === undefined || box === null) return;
    // Only the graph itself is scrolled, not the page.
    box.scrollLeft = within(
      box.scrollLeft,
      at.x * zoom,
      (at.x + BOX.width) * zoom - box.clientWidth,
    );
    box.scrollTop = within(
      box.scrollTop,
      at.y * zoom,
      (at.y + BOX.height) * zoom - box.clientHeight,
    );
  }, [selected, layout, zoom]);
  const toggleFit = () => {
    const box = ref.current as HTMLDivElement;
    const whole = Math.min(box.clientWidth / width, MAX_HEIGHT * innerHeight / height);
    setFitting(fitting === undefined ? Math.max(MIN_ZOOM, whole) : undefined);
  };
  const onKey = (event: KeyboardEvent, at: PlacedNode) => {
    const next = neighbour(event.key, { at, placed: layout.nodes, nodes });
    if (next === undefined) return;
    event.preventDefault();
    focus(next);
  };
  return html`
    ${isLarge &&
      html`<div class="graph-tools"><button type="button" class="small" aria-pressed=${
        fitting !== undefined
      }
        onClick=${toggleFit}>${
        fitting === undefined ? "Fit" : `${Math.round(zoom * 100)} %`
      }</button></div>`}
    <div class="graph" ref=${ref} role="group" aria-label="Graph of nodes"
      tabindex=${onSelect === undefined ? 0 : undefined}>
      <div class="graph-plane" style=${{
        width: `${width}px`,
        height: `${height}px`,
        zoom: String(zoom),
      }}>
          <svg aria-hidden="true" width=${width} height=${height}>
            <g transform=${`translate(${MARGIN} ${MARGIN})`}>
              ${layout.edges.map(({ from, to, path: d }) => {
                const isCritical = path.has(from) && path.has(to);
                const status = byId.get(from)?.status ?? "pending";
                return html`
                  <path key=${`${from}>${to}`} d=${d}
                    class=${`edge is-${status}${isCritical ? " is-critical" : ""}`} />
                `;
              })}
            </g>
          </svg>
          ${layout.nodes.map((at) => {
            const node = byId.get(at.id);
            return node && html`
              <${NodeBox} key=${at.id} node=${node} x=${at.x + MARGIN} y=${at.y + MARGIN}
                isCritical=${path.has(at.id)} isSelected=${selected === at.id}
                onSelect=${onSelect} onKey=${(event: KeyboardEvent) => onKey(event, at)} />
            `;
          })}
        </div>
    </div>
  `;
}

function NodeBox({ node, x, y, isCritical, isSelected, onSelect, onKey }: {
  readonly node: ShownNode;
  readonly x: number;
  readonly y: number;
  readonly isCritical: boolean;
  readonly isSelected: boolean;
  readonly onSelect: ((id: string) => void) | undefined;
  onKey(event: KeyboardEvent): void;
}): VNode {
  const { id, status, attempts = 0, startedAt = null, completedAt = null, durationMs = null } =
    node;
  const look = [
    "node",
    ...status === undefined ? [] : [`is-${status}`],
    ...isCritical ? ["is-critical"] : [],
    ...isSelected ? ["is-selected"] : [],
  ].join(" ");
  const place = {
    left: `${x}px`,
    top: `${y}px`,
    width: `${SIZES.nodeWidth}px`,
    height: `${SIZES.nodeHeight}px`,
  };
  const inner = html`
    <span class="node-name" title=${id}>${id}</span>
    <span class="node-note">
          ${status === undefined
            ? html`<span>${node.isOnError ? "on error" : node.kind}</span>`
            : html`<span class="node-status">${status}</span>`}
          ${status !== undefined && startedAt !== null && html`
            <${LiveDuration}
              startedAt=${startedAt} completedAt=${completedAt} durationMs=${durationMs} />
          `}
          ${attempts > 1 &&
            html`<span class="attempts" title=${`${attempts} attempts`}>×${attempts}</span>`}
        </span>
  `;
  const mark = status === undefined ? null : html`<${StatusMark} status=${status} />`;
  const body = html`${mark}<span class="node-text">${inner}</span>${
    isCritical &&
    html`<span class="unseen">, on the critical path</span>`
  }`;
  if (onSelect === undefined) {
    return html`<div class=${look} style=${place} data-node=${id}>${body}</div>`;
  }
  return html`
    <button type="button" class=${look} style=${place} data-node=${id}
      aria-pressed=${isSelected} onClick=${() => onSelect(id)} onKeyDown=${onKey}>${body}</button>
  `;
}

/** The scroll nearest to where it is that shows both ends. */
function within(now: number, first: number, last: number): number {
  return Math.max(Math.min(now, first), last);
}

/** Where an arrow key leads from a node. */
function neighbour(key: string, { at, placed, nodes }: {
  readonly at: PlacedNode;
  readonly placed: readonly PlacedNode[];
  readonly nodes: readonly ShownNode[];
}): string | undefined {
  if (key === "ArrowLeft") return nodes.find(({ id }) => id === at.id)?.dependsOn[0];
  if (key === "ArrowRight") return nodes.find(({ dependsOn }) => dependsOn.includes(at.id))?.id;
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const column = placed.filter(({ layer }) => layer === at.layer).toSorted((a, b) => a.y - b.y);
  return column[column.findIndex(({ id }) => id === at.id) + (key === "ArrowUp" ? -1 : 1)]?.id;
}
