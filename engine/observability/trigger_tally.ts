import type { TriggerMetric } from "../triggers/mod.ts";
import { CappedMap } from "./capped_map.ts";
import { LAG_BOUNDS_S, Spread } from "./spread.ts";

/** Triggers with figures of their own. */
const MAX_TRIGGERS = 200;

/** What is counted for one trigger. */
export interface TriggerFigures {
  /** Seconds between when a run was due, or its message was stored, and its start. */
  readonly lagS: Spread;
  missed: number;
  redelivered: number;
  deadLettered: number;
  refused: number;
}

/** Plain counters of what triggers tell. */
export class TriggerTally {
  readonly byName: CappedMap<TriggerFigures> = new CappedMap(MAX_TRIGGERS, () => ({
    lagS: new Spread(LAG_BOUNDS_S),
    missed: 0,
    redelivered: 0,
    deadLettered: 0,
    refused: 0,
  }));

  /** Counts what `TriggerHost.count` was told. */
  count(triggerName: string, metric: TriggerMetric, value: number): void {
    const figures = this.byName.get(triggerName);
    switch (metric) {
      case "lag_ms":
        return figures.lagS.observe(value / 1000);
      case "missed":
        figures.missed += value;
        return;
      case "redelivered":
        figures.redelivered += value;
        return;
      case "dead_lettered":
        figures.deadLettered += value;
        return;
      case "refused":
        figures.refused += value;
        return;
    }
  }
}
