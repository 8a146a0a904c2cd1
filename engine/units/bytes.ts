const FACTORS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["Ki", 1024],
  ["Mi", 1024 ** 2],
  ["Gi", 1024 ** 3],
]);

/**
 * Bytes of a size as Kubernetes writes it (`512Mi`, `1.5Gi`, `100K`, `1048576`), or `undefined` when
 * `text` is not one. `Ki Mi Gi` count in 1024, `K M G` in 1000.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)(Ki|Mi|Gi|K|M|G)?$/.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (FACTORS.get(match[2] ?? "") ?? Number.NaN);
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** A short text for `bytes`: exact (`512Mi`, `100K`, `1023`) where one unit allows it, else `1.4Mi`. */
export function formatBytes(bytes: number): string {
  for (const unit of ["Gi", "G", "Mi", "M", "Ki", "K"]) {
    const factor = FACTORS.get(unit) ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  if (bytes < 1024) return String(bytes);
  const unit = bytes >= 1024 ** 3 ? "Gi" : bytes >= 1024 ** 2 ? "Mi" : "Ki";
  return `${(bytes / (FACTORS.get(unit) ?? 1)).toFixed(1).replace(/\.0$/, "")}${unit}`;
}
