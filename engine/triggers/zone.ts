/** A span of time in which a zone's clocks are not changed. Epoch milliseconds, `endMs` exclusive. */
export interface Stretch {
  readonly offsetMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a time zone makes of moments and of times on the wall; wall times are milliseconds as if of UTC. */
export interface Zone {
  offsetAt(atMs: number): number;
  stretchAt(atMs: number): Stretch;
  /** When the wall first shows that time; for one that is left out, when the clocks are put forward over it. */
  firstInstant(wallMs: number): number;
}

/** The rules of an IANA zone. */
export function zoneOf(name: string): Zone {
  let known: Stretch | undefined;

  function stretchAt(atMs: number): Stretch {
    // Ticks come one after another: nearly always it is the stretch of the last question.
    if (known !== undefined && known.startMs <= atMs && atMs < known.endMs) return known;
    const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(name);
    const end = at.getTimeZoneTransition("next");
    // "previous" is strictly before.
    const start = at.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
    known = {
      offsetMs: at.offsetNanoseconds / 1e6,
      startMs: start?.epochMilliseconds ?? -Infinity,
      endMs: end?.epochMilliseconds ?? Infinity,
    };
    return known;
  }

  return {
    offsetAt: (atMs) => stretchAt(atMs).offsetMs,
    stretchAt,
    firstInstant(wallMs) {
      // The stretch before any change nearby, and the one after it.
      const before = stretchAt(wallMs - 26 * 3_600_000);
      for (let stretch = before;; stretch = stretchAt(stretch.endMs)) {
        const instant = wallMs - stretch.offsetMs;
        if (instant < stretch.startMs) return stretch.startMs;
        if (instant < stretch.endMs) return instant;
      }
    },
  };
}
